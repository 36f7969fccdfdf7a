"""`carrel share`: the lab's own key signs here, and the box that runs checks and sends."""

import msgspec
import pytest

from appliance.catalog.publishing.giving import given
from appliance.catalog.recipes import decode_recipe
from appliance.domain.results import FedStatus, ShareChecked
from appliance.errors import NotLicensed
from tests.admin.fake_box import sample
from tests.catalog.lab_folders import toml
from tests.sharing.labs import sha256_of

RECORD = """
contact = "models@lab-a.example"
benefits = ["Answers questions about reading rooms."]
harms = ["Could be taken for a librarian."]
evaluations = ["Two hundred questions."]
reviewed_by = "The reading group"
reviewed_on = "2026-11-21"
"""
ADDRESS = ("--address", "https://box.lab-a.example:7411")


@pytest.fixture
def lab(carrel, box, tmp_path):
    """An approved recipe `own` that the box has looked at, and the organization's folder."""
    (tmp_path / "mine.toml").write_text(toml().replace('license = "Apache-2.0"', 'license = "ISC"'))
    carrel("recipe", "approve", str(tmp_path / "mine.toml"))
    raw = (tmp_path / "recipes" / "own.toml").read_bytes()
    form = decode_recipe(raw, "own").forms[0].name
    box.handlers.answers["share.check"] = ShareChecked(
        model="own", revision=1, organization="lab-a", shared_as="lab-a.own",
        toml_sha256=sha256_of(raw), forms=(form,), files=1, size_bytes=7,
    )  # fmt: skip
    status = msgspec.structs.replace(sample(FedStatus), organization="lab-a")
    box.handlers.answers["fed.status"] = status
    (tmp_path / "record.toml").write_text(RECORD)
    made = carrel("share", "init", "--json")
    assert made.code == 0, made.err
    box.handlers.calls.clear()
    return made.document


def share(carrel, tmp_path, *more):
    return carrel("share", "weights", "own", "--record", str(tmp_path / "record.toml"), *more)


def listed(tmp_path):
    read = given(tmp_path / "organization", "lab-a")
    return [decode_recipe(data, "listed") for data in read.files.values()]


def test_the_key_is_made_once_and_its_public_half_is_told(carrel, lab, tmp_path):
    assert lab["organization"] == "lab-a"
    assert lab["give"].endswith(".pub")
    assert (tmp_path / "organization" / "keys").stat().st_mode & 0o077 == 0
    again = carrel("share", "init")
    assert again.code == 1
    assert "already" in again.err


def test_a_lab_without_a_name_makes_no_key(carrel, box):
    box.handlers.answers["fed.status"] = msgspec.structs.replace(sample(FedStatus), organization="")
    refused = carrel("share", "init")
    assert refused.code == 4
    assert "no name under which" in refused.err


def test_weights_are_checked_by_the_box_signed_here_and_sent_by_the_box(carrel, box, lab, tmp_path):
    done = share(carrel, tmp_path, *ADDRESS, "--tier", "registered", "--lease")
    assert done.code == 0, done.err
    assert [name for name, _ in box.handlers.calls] == ["share.check", "share.send"]
    (recipe,) = listed(tmp_path)
    assert (recipe.id, recipe.tier, recipe.value().terms.lease) == ("lab-a.own", "registered", True)
    assert recipe.sharing.contact == "models@lab-a.example"
    assert recipe.sources[0].address == "https://box.lab-a.example:7411/v1/shared/weights"


def test_withdrawing_signs_a_list_without_it(carrel, box, lab, tmp_path):
    share(carrel, tmp_path, *ADDRESS)
    box.handlers.calls.clear()
    done = carrel("share", "withdraw", "own")
    assert done.code == 0, done.err
    assert listed(tmp_path) == []
    assert [name for name, _ in box.handlers.calls] == ["share.send"]
    again = carrel("share", "withdraw", "own")
    assert again.code == 3


def test_what_the_box_refuses_is_not_signed(carrel, box, lab, tmp_path):
    box.handlers.answers["share.check"] = NotLicensed("Its license lets nobody pass it on.")
    refused = share(carrel, tmp_path, *ADDRESS)
    assert refused.code == 4
    assert listed(tmp_path) == []


def test_a_recipe_that_the_box_has_not_looked_at_is_not_signed(carrel, box, lab, tmp_path):
    other = msgspec.structs.replace(box.handlers.answers["share.check"], toml_sha256="0" * 64)
    box.handlers.answers["share.check"] = other
    refused = share(carrel, tmp_path, *ADDRESS)
    assert refused.code == 1
    assert "another recipe" in refused.err
    assert listed(tmp_path) == []


def test_a_folder_of_another_organization_is_not_signed_with(carrel, box, lab, tmp_path):
    other = msgspec.structs.replace(box.handlers.answers["share.check"], organization="lab-b")
    box.handlers.answers["share.check"] = other
    refused = share(carrel, tmp_path, *ADDRESS)
    assert refused.code == 4
    assert "signs for lab-a" in refused.err


@pytest.mark.parametrize("line", RECORD.strip().splitlines())
def test_no_line_of_the_record_may_be_left_out(carrel, box, lab, tmp_path, line):
    (tmp_path / "record.toml").write_text(RECORD.replace(line, ""))
    refused = share(carrel, tmp_path, *ADDRESS)
    assert refused.code == 2
    assert line.split(" =")[0] in refused.err
    assert "carrel help sharing" in refused.err
    assert box.handlers.calls == []


def test_without_a_key_the_next_step_is_told(carrel, box, tmp_path):
    (tmp_path / "record.toml").write_text(RECORD)
    refused = share(carrel, tmp_path, *ADDRESS)
    assert refused.code == 3
    assert "carrel share init" in refused.err


def test_without_a_place_nothing_is_signed(carrel, box, lab, tmp_path):
    refused = share(carrel, tmp_path)
    assert refused.code == 2
    assert "--address" in refused.err
    assert listed(tmp_path) == []
