"""`recipe approve` says what it refuses and why; what it takes is kept whole."""

import pytest

from appliance.errors import BadRequest, ConfigInvalid, Conflict, NotFound
from tests.catalog.lab_folders import TEXT, TEXT_SHA256, LabFolders, licensed, toml

DRAFT = ("add_bos = false", "draft = true")


@pytest.fixture
def folders(tmp_path) -> LabFolders:
    return LabFolders(tmp_path)


def nothing_written(folders: LabFolders) -> bool:
    return not folders.path("").exists() and not folders.licenses.exists()


def test_a_draft_is_refused_with_all_that_it_lacks(folders):
    sizes = ("size_bytes = 10\n", "")
    hashes = (f'sha256 = "{"1" * 64}"', "")
    terms = ('license = "Apache-2.0"', 'license = "LicenseRef-mine"')
    place = ("[defaults]", '[[sources]]\nkind = "hub"\nrepository = "lab/own"\n[defaults]')
    with pytest.raises(BadRequest) as refused:
        folders.approve(toml(draft=DRAFT, sizes=sizes, hashes=hashes, terms=terms, place=place))
    said = refused.value.message
    assert "`size_bytes` of tiny-q8.gguf in form q8" in said
    assert "`sha256` of tiny-f16.gguf in form f16" in said
    assert "`license` is LicenseRef-mine, which is none of the open ones" in said
    assert "`commit` of lab/own" in said
    assert "Then take out the line `draft = true`" in said
    assert nothing_written(folders)


def test_a_draft_that_lacks_nothing_is_refused_until_somebody_says_that_it_is_right(folders):
    with pytest.raises(BadRequest, match="If it is right, take out the line `draft = true`"):
        folders.approve(toml(draft=DRAFT))


def test_what_is_no_recipe_is_refused_with_the_field(folders):
    with pytest.raises(ConfigInvalid, match="unknown field `remote_code`"):
        folders.approve("remote_code = true\n" + toml())


def test_the_name_of_an_approved_model_is_taken(folders):
    with pytest.raises(Conflict, match="tiny already, approved with Carrel; give this one"):
        folders.approve(toml("tiny", 9))
    assert nothing_written(folders)


def test_a_draft_of_the_release_is_completed_under_its_own_name(folders):
    (folders.release / "own.toml").write_text(toml(draft=DRAFT))
    folders.approve(toml())
    recipe, _ = folders.catalog().find("own")
    assert (recipe.draft, recipe.approval.by) == (False, "lab")


def test_an_answer_can_always_be_told_by_its_revision(folders):
    folders.approve(toml(revision=2))
    folders.approve(toml(revision=2), "grace")
    other = ('title = "Tiny"', 'title = "Other"')
    for revision in (1, 2):
        with pytest.raises(Conflict, match="write `revision = 3`"):
            folders.approve(toml(revision=revision, other=other))
    folders.approve(toml(revision=3, other=other))
    assert folders.catalog().find("own")[0].approval.name == "ada"


def test_terms_whose_text_nobody_has_are_refused_and_a_given_text_is_kept(folders):
    with pytest.raises(BadRequest, match="`--license-text FILE`"):
        folders.approve(licensed())
    with pytest.raises(BadRequest, match="not the one that the recipe's `text_sha256` names"):
        folders.approve(licensed(), license_text=TEXT + b" And Fridays.")
    assert nothing_written(folders)
    folders.approve(licensed(), license_text=TEXT)
    assert (folders.licenses / f"{TEXT_SHA256}.txt").read_bytes() == TEXT


def test_a_text_that_carrel_has_is_not_asked_for(folders):
    folders.texts.texts[TEXT_SHA256] = TEXT.decode()
    folders.approve(licensed())
    assert not folders.licenses.exists()


def test_what_is_withdrawn_is_kept_and_can_be_approved_again(folders):
    folders.approve(toml())
    kept = folders.approver().withdraw("own")
    assert kept.read_text() == toml()
    assert [path.name for path in folders.path("").iterdir()] == ["own.withdrawn"]
    folders.approve(kept.read_text())
    assert folders.catalog().find("own")


@pytest.mark.parametrize("id", ["absent", "../release/tiny", "", "*"])
def test_only_what_the_lab_has_is_withdrawn(folders, id):
    folders.approve(toml())
    with pytest.raises(NotFound, match="recipe list"):
        folders.approver().withdraw(id)
    assert (folders.release / "tiny.toml").exists()


def test_a_folder_that_may_not_be_written_is_told(folders):
    folders.path("").parent.joinpath("recipes").write_text("a file")
    with pytest.raises(ConfigInvalid, match=r"own\.toml cannot be written"):
        folders.approve(toml())
