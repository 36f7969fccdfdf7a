"""Who may read a page that is only for this machine."""

import pytest

from appliance.edge.access import check_loopback, needs_key
from appliance.errors import NotAllowed


def scope(client, *headers):
    return {"client": client, "headers": list(headers)}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_may(address):
    check_loopback(scope((address, 1)), "loopback")


@pytest.mark.parametrize(
    "asked",
    [
        scope(("10.0.0.7", 1)),
        scope(("2001:db8::1", 1)),
        scope(None),
        scope(("", 1)),
        scope(("127.0.0.1", 1), (b"x-forwarded-for", b"127.0.0.1")),
        scope(("127.0.0.1", 1), (b"forwarded", b"for=10.0.0.7")),
        scope(("127.0.0.1", 1), (b"x-real-ip", b"10.0.0.7")),
    ],
)
def test_others_may_not_nor_those_behind_a_proxy_on_this_machine(asked):
    with pytest.raises(NotAllowed):
        check_loopback(asked, "loopback")
    check_loopback(asked, "open")


def test_only_one_of_the_four_asks_for_a_key():
    assert [needs_key(one) for one in ("key", "loopback", "open", "off")] == [True, False, False, False]
