"""A lab's recipe counts only with an approval that this box signed over its very bytes."""

import shutil
import stat

import pytest

from appliance.errors import ModelNotFound
from appliance.trust.box_key import BoxKey
from tests.catalog.lab_folders import LabFolders, toml


@pytest.fixture
def folders(tmp_path) -> LabFolders:
    return LabFolders(tmp_path)


def only_reason(folders: LabFolders) -> str:
    catalog = folders.catalog()
    (left_out,) = catalog.left_out
    assert (left_out.id, left_out.place) == ("own", "lab")
    assert [one.id for one in catalog.recipes] == ["tiny"]
    with pytest.raises(ModelNotFound, match="own is not in the catalog"):
        catalog.find("own")
    return left_out.reason


def test_an_approved_recipe_is_found_and_says_by_whom(folders):
    folders.approve(toml())
    catalog = folders.catalog()
    recipe, _ = catalog.find("own")
    assert (recipe.approval.by, recipe.approval.name) == ("lab", "ada")
    assert recipe.approved_by == "approved by this lab"
    assert catalog.toml_of("own") == toml().encode()
    assert catalog.left_out == ()


def test_the_box_may_be_read_by_another_user_than_the_one_who_approves(folders):
    folders.approve(toml())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folders.path("").iterdir()}
    assert (modes, stat.S_IMODE(folders.path("").stat().st_mode)) == ({0o644}, 0o755)
    assert stat.S_IMODE((folders.root / "data" / "box-key.pem").stat().st_mode) == 0o600


def test_a_recipe_without_an_approval_is_left_out(folders):
    folders.path("").mkdir()
    folders.path("own.toml").write_text(toml())
    assert "not approved; read it, then `carrel recipe approve` it" in only_reason(folders)


def test_a_recipe_that_was_changed_after_its_approval_is_left_out(folders):
    folders.approve(toml())
    folders.path("own.toml").write_text(toml() + "\n")
    assert "changed after it was approved" in only_reason(folders)


def test_an_approval_of_another_recipe_is_none(folders):
    folders.approve(toml("other"))
    folders.path("other.toml").rename(folders.path("own.toml"))
    folders.path("other.approval").rename(folders.path("own.approval"))
    assert "own.toml" in only_reason(folders)


@pytest.mark.parametrize("token", [b"", b"nonsense", b"a.b.c", b"\xff" * 10, b"x" * 20_000])
def test_an_approval_that_is_none_is_left_out_with_the_next_step(folders, token):
    folders.approve(toml())
    folders.path("own.approval").write_bytes(token)
    assert "damaged or another box's" in only_reason(folders)


def test_another_boxes_approval_is_none_here(folders, tmp_path):
    folders.approve(toml())
    (tmp_path / "there").mkdir()
    elsewhere = LabFolders(tmp_path / "there")
    shutil.copytree(folders.path(""), elsewhere.path(""))
    assert "another box's" in only_reason(elsewhere)


def test_an_object_of_another_kind_is_no_approval(folders):
    approval = folders.approve(toml())
    token = BoxKey.at(folders.root / "data" / "box-key.pem").sign("acceptance+jws", approval)
    folders.path("own.approval").write_text(token)
    assert "damaged or another box's" in only_reason(folders)


def test_a_damaged_key_leaves_the_labs_recipes_out_and_the_box_starts(folders):
    folders.approve(toml())
    (folders.root / "data" / "box-key.pem").write_bytes(b"no key")
    assert "key is damaged" in only_reason(folders)


def test_one_bad_recipe_harms_no_other(folders):
    folders.approve(toml("good"))
    folders.path("own.toml").write_bytes(b"\xff")
    catalog = folders.catalog()
    assert [one.id for one in catalog.recipes] == ["good", "tiny"]
    assert [one.id for one in catalog.left_out] == ["own"]


def test_a_box_without_recipes_of_its_lab_makes_no_key(folders):
    assert folders.catalog().left_out == ()
    assert not (folders.root / "data").exists()
