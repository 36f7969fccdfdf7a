"""A key is for the box alone."""

import pytest

from appliance.errors import BadRequest, ConfigInvalid
from appliance.upstreams.secrets import Secrets


@pytest.fixture
def secrets(tmp_path) -> Secrets:
    return Secrets(tmp_path / "data" / "upstream-keys")


def test_a_key_is_stored_for_its_owner_alone_and_replaced(secrets, tmp_path):
    secrets.write("lab", "sk-old\n")
    secrets.write("lab", "sk-new")
    path = tmp_path / "data" / "upstream-keys" / "lab"
    assert secrets.read("lab") == "sk-new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.stat().st_mode & 0o777 for one in (path.parent, path.parent.parent)] == [0o700, 0o700]
    assert [one.name for one in path.parent.iterdir()] == ["lab"]


def test_a_key_that_others_may_read_is_not_used(secrets, tmp_path):
    secrets.write("lab", "sk-1")
    (tmp_path / "data" / "upstream-keys" / "lab").chmod(0o640)
    with pytest.raises(ConfigInvalid, match="Others"):
        secrets.read("lab")


def test_a_missing_key_says_how_to_store_it(secrets):
    assert not secrets.has("lab")
    with pytest.raises(ConfigInvalid, match="carrel upstream key lab"):
        secrets.read("lab")
    secrets.forget("lab")


@pytest.mark.parametrize("name", ["../lab", "", "Lab", ".lab", "a" * 65, "lab\n"])
def test_names_are_no_paths(secrets, name):
    with pytest.raises(BadRequest):
        secrets.write(name, "sk-1")


@pytest.mark.parametrize("secret", ["", "two words", "two\nlines", "x" * 4097, "k\u00e9y", "a\x00b"])
def test_what_no_header_can_hold_is_no_key(secrets, secret):
    with pytest.raises(BadRequest):
        secrets.write("lab", secret)
