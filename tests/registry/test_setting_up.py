"""A registry: made whole or not at all, read by its owner alone, and its settings refused by name."""

import stat
from datetime import UTC, datetime

import msgspec
import pytest

from appliance.catalog.publishing.founding import RootKeys
from appliance.catalog.publishing.work_folder import WorkFolder
from appliance.errors import ConfigInvalid, Conflict, NotFound
from appliance.registry.setting_up.folder import RegistryFolder
from appliance.registry.setting_up.founding import found_registry
from appliance.registry.setting_up.settings import (
    decoded,
    read_settings,
    why_not_serve,
    write_settings,
)
from tests.registry.registries import TOKEN, Standing, settings


def now():
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"))


@pytest.fixture
def registry(standing, tmp_path):
    return standing.copied_to(tmp_path)


def test_a_box_that_pins_the_root_reads_the_keys_of_the_registry(registry, tmp_path):
    box = registry.box(tmp_path / "box")
    assert box.refresh().outcome == "refreshed"
    keys = msgspec.json.decode(box.catalogs.registry_keys("lab"))
    assert keys["registry"] == "central"
    assert [one["uses"] for one in keys["keys"]] == [["statements"], ["status"]]


def test_secrets_are_for_their_owner_alone(registry):
    folder = registry.folder
    private = [*folder.at.rglob("*.pem"), folder.toml]
    assert len(private) >= 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert {stat.S_IMODE(one.stat().st_mode) for one in (folder.keys, folder.signing)} == {0o700}


def test_what_answers_boxes_has_no_key_of_root_or_own_list(registry):
    folder = registry.folder
    root = WorkFolder(folder.tuf, registry.web.work.keyring, now=now).root()
    offline = {keyid for role in ("root", "targets") for keyid in root.roles[role].keyids}
    ring = registry.web.work.keyring
    assert offline
    assert [keyid for keyid in offline if ring.signer(keyid)] == []
    assert [keyid for keyid in root.roles["snapshot"].keyids if ring.signer(keyid)]
    assert {path.name.partition(".")[0] for path in folder.web.rglob("*.pem")} == {
        "snapshot",
        "statements",
        "status",
    }


def test_no_registry_is_made_over_another(registry):
    before = registry.folder.toml.read_bytes()
    with pytest.raises(Conflict, match="something in that folder"):
        found_registry(registry.folder.at, settings(), RootKeys(), now)
    assert registry.folder.toml.read_bytes() == before


def test_a_registry_that_cannot_be_made_leaves_nothing(tmp_path):
    with pytest.raises(ConfigInvalid, match="https://"):
        settings(address="ftp://here")

    def broken():
        raise OSError(28, "No space left on device")

    with pytest.raises(Exception, match="cannot be written"):
        found_registry(tmp_path / "registry", settings(), RootKeys(), broken)
    assert list(tmp_path.iterdir()) == []


def test_settings_that_others_may_read_are_refused(registry):
    registry.folder.toml.chmod(0o640)
    with pytest.raises(ConfigInvalid, match=r"registry\.toml is open to others \(mode 0640\)"):
        read_settings(registry.folder)


def test_a_folder_without_a_registry_says_how_to_make_one(tmp_path):
    with pytest.raises(NotFound, match="carrel registry init"):
        read_settings(RegistryFolder(tmp_path))


def test_settings_are_read_as_they_were_written(registry):
    given = settings(institution="Uni “X”", database="postgresql://carrel@127.0.0.1/registry", page="open")
    write_settings(registry.folder, given)
    assert read_settings(registry.folder) == given


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('name = "Big Name"', "name"),
        ('address = "http://example.edu"', "plain_http"),
        ('database = "mysql://x"', "database"),
        ('tls_cert = "/a.pem"', "belong together"),
        ('page_token = "short"', "page_token"),
        ('page_token = ""', "page_token"),
        ("port = 70000", "port"),
        ("colour = 1", "colour"),
        ("page = ", "Invalid value"),
    ],
)
def test_wrong_settings_are_refused_by_name(line, says):
    whole = f'name = "central"\naddress = "https://example.edu"\npage_token = "{TOKEN}"\n'
    name = line.partition(" ")[0]
    kept = [one for one in whole.splitlines() if not one.startswith(f"{name} ")]
    with pytest.raises(ConfigInvalid, match=says):
        decoded("\n".join([*kept, line]).encode())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"address": "https://r.example", "plain_http": False}, "nothing here speaks TLS"),
        ({"host": "0.0.0.0"}, "private network"),
        ({"host": "registry.example"}, "private network"),
        ({"host": "10.1.2.3"}, ""),
        ({}, ""),
        ({"address": "https://r.example", "behind_proxy": True}, ""),
        ({"address": "https://r.example", "tls_cert": "/c", "tls_key": "/k", "host": "0.0.0.0"}, ""),
    ],
)
def test_without_tls_it_listens_only_nearby_and_when_told(given, says):
    assert says in why_not_serve(settings(**given))
    assert bool(says) == bool(why_not_serve(settings(**given)))
