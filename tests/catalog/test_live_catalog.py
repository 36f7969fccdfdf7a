"""The catalog of a running box changes without a restart, whole or not at all."""

import pytest

from appliance.catalog.entries import SignedEntry
from appliance.catalog.live import LiveCatalog
from appliance.domain.approval import Approval, LeftOut
from appliance.errors import ConfigInvalid, ModelNotFound
from tests.catalog.lab_folders import LabFolders, toml


class Listed:
    """A signed catalog that lists what a test says."""

    def __init__(self) -> None:
        self.listed: list[SignedEntry] = []
        self.bad: list[str] = []

    def add(self, text: str, **approval: str) -> None:
        given = {"by": "catalog", "name": "north", "role": "org/physics", **approval}
        self.listed.append(SignedEntry(text.encode(), Approval(**given)))

    def entries(self):
        return self.listed

    def left_out(self):
        return [LeftOut("", "catalog north", one) for one in self.bad]


@pytest.fixture
def folders(tmp_path) -> LabFolders:
    return LabFolders(tmp_path, Listed())


def test_what_is_approved_while_it_runs_is_there_after_a_reload(folders):
    catalog = folders.catalog()
    folders.approve(toml())
    assert [one.id for one in catalog.recipes] == ["tiny"]
    catalog.reload()
    assert [one.id for one in catalog.recipes] == ["own", "tiny"]
    folders.approver().withdraw("own")
    catalog.reload()
    assert [one.id for one in catalog.recipes] == ["tiny"]
    assert catalog.left_out == ()


def test_a_signed_catalogs_recipe_says_who_signed_it_and_has_its_own_bytes(folders):
    newer = toml("tiny", 4)
    folders.signed.add(newer, role="targets")
    folders.signed.add(toml("own"))
    catalog = folders.catalog()
    recipe, _ = catalog.find("tiny")
    assert (recipe.revision, catalog.toml_of("tiny")) == (4, newer.encode())
    assert recipe.approved_by == "approved by the catalog north"
    assert catalog.find("own")[0].approved_by == "approved by the catalog north, signed by org/physics"


def test_a_stale_word_is_told_wherever_the_model_is(folders):
    folders.signed.add(toml("own"), freshness="stale")
    recipe, _ = folders.catalog().find("own")
    assert recipe.approved_by.endswith("; stale")


def test_a_recipe_of_a_catalog_that_this_version_does_not_understand_is_left_out(folders):
    folders.signed.add(toml("own") + "\n[news]\n")
    (left_out,) = folders.catalog().left_out
    assert left_out.place == "catalog north"
    assert "unknown field" in left_out.reason


def test_what_a_catalog_could_not_verify_is_told_too(folders):
    folders.signed.bad.append("models/a/1.toml: its file is missing.")
    assert [one.reason for one in folders.catalog().left_out] == folders.signed.bad


def test_a_draft_is_approved_by_nobody(folders):
    (folders.release / "own.toml").write_text(toml().replace("add_bos = false", "draft = true"))
    recipe, _ = folders.catalog().find("own")
    assert recipe.approved_by == "nobody yet: it is a draft"


def test_a_bad_recipe_of_the_release_keeps_the_box_from_starting(folders):
    (folders.release / "bad.toml").write_text("id = ")
    with pytest.raises(ConfigInvalid, match=r"bad\.toml"):
        folders.catalog()


def test_a_release_that_changes_under_a_running_box_changes_nothing(folders):
    catalog = folders.catalog()
    (folders.release / "tiny.toml").write_text("id = ")
    catalog.reload()
    assert [one.revision for one in catalog.recipes] == [3]


def test_without_its_folder_it_does_not_start(tmp_path):
    with pytest.raises(ConfigInvalid, match="install Carrel again"):
        LiveCatalog(tmp_path / "absent")


def test_nobody_gets_the_bytes_of_what_is_not_there(folders):
    with pytest.raises(ModelNotFound):
        folders.catalog().toml_of("own")
