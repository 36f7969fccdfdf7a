"""The hub through its real client library: what it lists, and what its refusals mean here."""

import huggingface_hub
import pytest

from appliance.errors import NotAllowed, NotFound, OutboundFailed
from appliance.weights.fetching.hub import Hub

TOKEN = "hf_secret"
NAME = "lab/tiny"


@pytest.fixture(autouse=True)
def _closed():
    yield
    huggingface_hub.close_session()


def test_a_listing_has_files_with_sizes_and_the_hashes_that_the_hub_says(hub):
    listing = Hub(hub.address).list_files(NAME, "main")
    assert (listing.commit, listing.gated, listing.license) == (hub.commit(NAME), False, "apache-2.0")
    model = hub.file(NAME, "model.gguf")
    assert {file.path: (file.size_bytes, file.sha256) for file in listing.files} == {
        "config.json": (13, ""),
        "model.gguf": (model.size, model.sha256),
        "parts/second.gguf": (70_001, hub.file(NAME, "parts/second.gguf").sha256),
    }


def test_only_our_own_token_is_sent(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_else")
    Hub(hub.address).list_files(NAME, hub.commit(NAME))
    Hub(hub.address, TOKEN).list_files(NAME, hub.commit(NAME))
    assert [one.authorization for one in hub.seen] == ["", f"Bearer {TOKEN}"]


@pytest.mark.parametrize(
    ("token", "says"), [("", "account of the hub"), (TOKEN, "whose token is in the file")]
)
def test_a_gated_model_says_where_to_ask(hub, token, says):
    hub.switches.gated[NAME] = {"hf_of_someone_let_in"}
    assert Hub(hub.address, token).list_files(NAME, "main").gated
    with pytest.raises(NotAllowed, match=says) as raised:
        Hub(hub.address, token).check(NAME, hub.commit(NAME), "model.gguf")
    assert f"{hub.address}/{NAME}" in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_who_was_let_in_may_have_it(hub):
    hub.switches.gated[NAME] = {TOKEN}
    Hub(hub.address, TOKEN).check(NAME, hub.commit(NAME), "model.gguf")


def test_a_missing_revision(hub):
    with pytest.raises(NotFound, match="newer recipe"):
        Hub(hub.address).list_files(NAME, "f" * 40)
    with pytest.raises(NotFound, match="newer recipe"):
        Hub(hub.address).check(NAME, "f" * 40, "model.gguf")


def test_a_missing_repository_a_missing_file_and_a_name_that_is_none(hub):
    with pytest.raises(NotFound, match="has no lab/none"):
        Hub(hub.address).list_files("lab/none", "main")
    with pytest.raises(NotFound, match="no such file"):
        Hub(hub.address).check(NAME, hub.commit(NAME), "none.gguf")
    with pytest.raises(NotFound, match="owner/name"):
        Hub(hub.address).list_files("../..", "main")


def test_a_disabled_repository(hub):
    hub.switches.disabled.add(NAME)
    with pytest.raises(NotAllowed, match="disabled"):
        Hub(hub.address).list_files(NAME, "main")


def test_a_login_page_is_no_hub(hub):
    hub.switches.captive = True
    with pytest.raises(OutboundFailed, match="login page"):
        Hub(hub.address).list_files(NAME, "main")


def test_no_hub_at_all():
    with pytest.raises(OutboundFailed, match="cannot be reached"):
        Hub("http://127.0.0.1:1").list_files(NAME, "main")


def test_a_fetch_from_a_gated_repository_ends_with_the_hub_s_own_reason(desk):
    desk.hub.switches.gated[NAME] = set()
    hub = Hub(desk.hub.address)
    desk.check_hub = lambda source, file: hub.check(source.repository, source.commit, file.source_path)
    with pytest.raises(NotAllowed, match="ask for access"):
        desk.fetch(desk.at_hub)
    desk.fetch(desk.at_hub, desk.at_mirror)
    assert desk.has()
