"""Where an answer may lead, and where it may not."""

import pytest

from appliance.outbound.ranged.target import RedirectRefused, followed, target_of

HUB = target_of("https://hub.example/owner/name/file", {"Authorization": "Bearer secret"})
NEARBY = target_of("http://127.0.0.1:8000/file", {"Authorization": "Bearer secret"})


@pytest.mark.parametrize(
    ("location", "origin", "path"),
    [
        ("/other?x=1", ("https", "hub.example", 443), "/other?x=1"),
        ("https://hub.example:443/b", ("https", "hub.example", 443), "/b"),
    ],
)
def test_the_same_host_keeps_its_headers(location, origin, path):
    for follow in ("same host", "storage"):
        found = followed(HUB, location, follow)
        assert (found.origin, found.path, found.headers) == (origin, path, HUB.headers)


@pytest.mark.parametrize("location", ["https://cdn.example/x?sig=1", "https://hub.example:444/x"])
def test_another_host_gets_no_headers_and_is_for_hubs_only(location):
    assert followed(HUB, location, "storage").headers == {}
    with pytest.raises(RedirectRefused, match="another host"):
        followed(HUB, location, "same host")


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://cdn.example/x", "without encryption"),
        ("http://hub.example/x", "without encryption"),
        ("https://127.0.0.1/x", "private network"),
        ("https://10.1.2.3/x", "private network"),
        ("https://[::1]/x", "private network"),
        ("https://localhost/x", "private network"),
        ("https://user:word@cdn.example/x", "none"),
        ("ftp://cdn.example/x", "none"),
        ("https://cdn.example/" + "x" * 20_000, "too long"),
        ("https://cdn.example/a b", "none"),
        ("https://cdn.example:99999/", "none"),
    ],
)
def test_a_hub_outside_leads_nowhere_else(location, why):
    with pytest.raises(RedirectRefused, match=why):
        followed(HUB, location, "storage")


def test_a_hub_of_this_machine_may_lead_to_another_port_of_it():
    assert followed(NEARBY, "http://127.0.0.1:9000/x", "storage").headers == {}
    with pytest.raises(RedirectRefused, match="without encryption"):
        followed(NEARBY, "http://cdn.example/x", "storage")


def test_a_signed_address_is_in_no_text_of_it():
    assert "secret" not in repr(HUB)
    assert "sig" not in repr(followed(HUB, "https://cdn.example/x?sig=1", "storage"))
