"""What a host can answer that is not the file, and where it can try to lead."""

import pytest

from appliance.errors import OutboundFailed
from scripts.local_hub import LocalHub

TOKEN = "hf_secret"


@pytest.mark.parametrize(
    ("switch", "says"),
    [
        ("captive", "login first"),
        ("wrong_total", "another size"),
        ("too_little", "does not answer as"),
        ("encoded", "compressed"),
    ],
)
def test_it_is_refused_and_nothing_of_it_is_kept(desk, switch, says):
    setattr(desk.hub.switches, switch, True)
    with pytest.raises(OutboundFailed, match=says):
        desk.fetch(desk.at_mirror)
    assert not desk.store.has(desk.file())
    setattr(desk.hub.switches, switch, False)
    desk.fetch(desk.at_mirror)
    assert desk.has()
    assert not desk.dropped


def test_bytes_behind_the_end_are_not_taken(desk):
    desk.hub.switches.too_much = True
    desk.hub.switches.ranges = False
    desk.fetch(desk.at_mirror)
    assert desk.has()


@pytest.mark.parametrize("kind", ["at_mirror", "at_server"])
def test_a_mirror_may_not_lead_to_another_host(desk, kind):
    desk.hub.switches.redirect_to = "cdn"
    with pytest.raises(OutboundFailed, match="another host"):
        desk.fetch(getattr(desk, kind))


def test_a_hub_leads_to_its_storage_which_never_sees_the_token(desk):
    desk.token = TOKEN
    desk.hub.switches.redirect_to = "cdn"
    desk.fetch(desk.at_hub)
    assert desk.has()
    hub_port = int(desk.hub.address.rsplit(":", 1)[1])
    seen = {one.port == hub_port: one.authorization for one in desk.hub.seen}
    assert seen == {True: f"Bearer {TOKEN}", False: ""}


def test_the_storage_is_asked_directly_until_it_refuses(desk):
    desk.connections = 2
    desk.hub.switches.redirect_to = "cdn"
    desk.fetch(desk.at_hub)
    hub_port = int(desk.hub.address.rsplit(":", 1)[1])
    assert len([one for one in desk.hub.seen if one.port == hub_port]) == 2
    assert len([one for one in desk.hub.seen if one.port != hub_port]) == 3


def test_an_address_that_ended_is_asked_for_anew(desk, shelf):
    with LocalHub(shelf) as other:
        # Its storage knows no such file: the hub has to make a new address.
        desk.hub.switches.redirect_to = f"{other.address}/lost"
        with pytest.raises(OutboundFailed):
            desk.fetch(desk.at_hub)
    assert len([one for one in desk.hub.seen if "resolve" in one.path]) > 1


def test_a_circle_of_addresses_ends(desk):
    path = desk.hub.resolve_path("lab/tiny", "model.gguf")
    desk.hub.switches.redirect_to = f"{desk.hub.address}{path}?"
    with pytest.raises(OutboundFailed, match="one address after another"):
        desk.fetch(desk.at_hub)
