"""`carrel registry`: from its first key to boxes that are let in, found, and kept out."""

import hashlib
import stat

import pytest

from appliance.federation.protocol import kinds
from appliance.federation.protocol.enroll_code import read_code
from appliance.federation.protocol.messages import (
    HeadRequest,
)
from appliance.registry.setting_up.folder import RegistryFolder
from tests.registry.hosted import enrolled, with_box


def test_a_registry_is_made_once_and_its_secrets_are_for_its_owner(carrel, tmp_path):
    at = str(tmp_path / "central")
    words = ("registry", "init", "--at", at, "--name", "central", "--address", "https://r.example")
    made = carrel(*words, "--behind-proxy", "--json").document
    root = (tmp_path / "central/web/tuf/metadata/1.root.json").read_bytes()
    assert made["root_sha256"] == hashlib.sha256(root).hexdigest()
    assert (made["database"], made["page"], len(made["page_token"]) > 20) == ("sqlite", "token", True)
    assert stat.S_IMODE((tmp_path / "central/registry.toml").stat().st_mode) == 0o600
    again = carrel(*words)
    assert again.code == 1
    assert "choose another" in again.err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--name", "Big One"), "name"),
        (("--address", "http://r.example"), "plain_http"),
        (("--tls-cert", "/c.pem"), "belong together"),
        (("--database", "mysql://x"), "database"),
        (("--threshold", "2"), "More keys"),
    ],
)
def test_what_cannot_be_a_registry_is_refused_and_nothing_is_made(carrel, tmp_path, more, says):
    words = {"--name": "central", "--address": "https://r.example", more[0]: more[1]}
    done = carrel("registry", "init", *(part for pair in words.items() for part in pair))
    assert done.code == 2
    assert says in done.err
    assert not (tmp_path / "registry").exists()


def test_a_folder_without_a_registry_is_told(carrel):
    for words in (("boxes",), ("publish",), ("code", "--institution", "x"), ("serve",)):
        done = carrel("registry", *words)
        assert (done.code, "carrel registry init" in done.err) == (3, True)


def test_settings_that_others_read_stop_every_command(carrel, at):
    RegistryFolder(at).toml.chmod(0o644)
    done = carrel("registry", "boxes")
    assert done.code == 2
    assert "chmod 600" in done.err


def test_a_code_names_address_and_root_and_is_written_to_a_stick(registry, at, tmp_path):
    out = tmp_path / "code.txt"
    made = registry("code", "--institution", "North College", "--days", "3", "--out", str(out))
    code = read_code(made["text"])
    assert out.read_text().strip() == made["text"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (code.registry, code.address, code.plain_http) == ("central", "http://127.0.0.1:7412", True)
    root = (RegistryFolder(at).tuf / "metadata/1.root.json").read_bytes()
    assert code.root_sha256 == hashlib.sha256(root).hexdigest()


def test_a_box_that_came_in_is_listed_and_found_by_name_and_beginning(registry, box):
    (found,) = registry("boxes")["boxes"]
    assert (found["id"], found["institution"], found["organization"]) == (box.id, "North College", "north")
    for word in (box.id, box.id[:8], "lab box"):
        assert registry("time", word)["boxes"] == [{"box": box.id, "name": "lab box"}]


@pytest.mark.slow
def test_several_boxes_of_one_name_have_to_be_told_apart(carrel, registry, at, box):
    other = enrolled(at, registry("code", "--institution", "South College")["text"])
    done = carrel("registry", "time", "lab box")
    assert (done.code, "Several boxes" in done.err) == (2, True)
    assert registry("time", other.id)["boxes"][0]["box"] == other.id
    assert carrel("registry", "time", "nobody").code == 3


def test_a_suspended_box_is_refused_until_it_is_resumed(registry, at, box):
    assert registry("box", "suspend", "lab box", "--reason", "Lost.")["state"] == "suspended"
    with pytest.raises(Exception, match=r"Lost\."):
        with_box(at, box, lambda one: one.say(kinds.HEAD_REQUEST, HeadRequest))
    assert registry("box", "resume", "lab box")["state"] == "active"
    with_box(at, box, lambda one: one.say(kinds.HEAD_REQUEST, HeadRequest))


@pytest.mark.slow
def test_a_box_is_linked_to_the_one_that_was_lost(registry, at, box):
    new = enrolled(at, registry("code", "--institution", "North College")["text"])
    linked = registry("box", "link", new.id, "--replaces", box.id)
    assert (linked["replaces"], linked["state"]) == (box.id, "active")
    assert [one["state"] for one in registry("boxes")["boxes"]] == ["suspended", "active"]


def test_publishing_needs_the_signing_folder_wherever_it_lies(registry, carrel, at, tmp_path):
    RegistryFolder(at).signing.rename(tmp_path / "drawer")
    done = carrel("registry", "publish")
    assert (done.code, "--signing FOLDER" in done.err) == (3, True)
    assert registry("boxes") == {"boxes": []}
    assert registry("publish", "--signing", str(tmp_path / "drawer"))["files"] == 0
