"""Whether somebody on the network could read a request along the way."""

import pytest

from appliance.domain.people import Caller
from appliance.edge.ways import PrivateOnly, is_private
from appliance.errors import NotAllowed


def scope(client, scheme="http", **state):
    return {"type": "http", "scheme": scheme, "client": client, "headers": [], "state": state}


@pytest.mark.parametrize(
    "asked",
    [
        scope(("10.0.0.7", 1), "https"),
        scope(("127.0.0.1", 1)),
        scope(("127.9.9.9", 1)),
        scope(("::1", 1)),
        scope(("::ffff:127.0.0.1", 1)),
        scope(None, peer_uid=1000),
    ],
)
def test_tls_this_machine_and_its_sockets_are_private(asked):
    assert is_private(asked)


@pytest.mark.parametrize(
    "asked",
    [
        scope(("10.0.0.7", 1)),
        scope(("192.168.0.1", 1)),
        scope(("::ffff:10.0.0.7", 1)),
        scope(("fe80::1%eth0", 1)),
        scope(("2001:db8::1", 1)),
        scope(("0.0.0.0", 1)),
        scope(("", 1)),
        scope(("localhost", 1)),
        scope(None),
    ],
)
def test_any_other_way_is_not_whatever_it_says_of_itself(asked):
    asked["headers"] = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"127.0.0.1")]
    assert not is_private(asked)


def test_where_nobody_decides_nobody_is_answered_in_the_clear():
    with pytest.raises(NotAllowed, match="sent in the clear"):
        PrivateOnly().check(Caller("key-1", "ada", "default"))
