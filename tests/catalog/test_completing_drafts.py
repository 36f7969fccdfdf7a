"""A draft is completed from its source, and whatever it says already has to be true there."""

import hashlib

import pytest

from appliance.catalog.drafting.text import recipe_text
from appliance.catalog.drafting.wishes import Wishes
from appliance.catalog.recipes import decode_recipe
from appliance.domain.source import WeightSource
from appliance.errors import BadRequest, IntegrityFailed, NotFound
from tests.catalog.drafting_fakes import COMMIT, FOLDER, Drafting, FakeSource

HEAD = """
id = "tiny"
revision = 4
title = "Tiny"
summary = "A draft."
license = "MIT"
tier = "open"
context_tokens = 512
max_sequences = 4
draft = true
known_limits = ["This recipe is a draft: complete it.", "It is small."]
"""
SOURCE = '[[sources]]\nkind = "hub"\nrepository = "lab/Tiny-GGUF"\n'
Q8 = '[[forms]]\nname = "q8"\nengine = "llama_cpp"\n'
NAMED = Q8 + '[[forms.files]]\nname = "tiny-q8_0.gguf"\n'
TORCH = '[[forms]]\nname = "bf16"\nengine = "torch"\nprecision = "bfloat16"\n'


@pytest.fixture
def drafting() -> Drafting:
    return Drafting(hub={"lab/Tiny-GGUF": FakeSource.of("tiny-q8_0.gguf", *FOLDER)})


def completed(drafting: Drafting, text: str, wishes: Wishes | None = None, given: FakeSource | None = None):
    draft = decode_recipe((HEAD + text).encode(), "draft")
    drafted = drafting.completer.complete(draft, wishes or Wishes(), given)
    return decode_recipe(recipe_text(drafted.recipe, drafted.comments).encode(), "completed")


def test_what_is_open_is_filled_in_and_what_was_said_stays(drafting):
    recipe = completed(drafting, SOURCE + NAMED)
    assert (recipe.draft, recipe.revision, recipe.license) == (False, 4, "MIT")
    assert recipe.sources[0].commit == COMMIT
    assert recipe.forms[0].files[0].sha256 == hashlib.sha256(b"tiny-q8_0.gguf").hexdigest()
    assert recipe.known_limits == ("It is small.",)


@pytest.mark.parametrize(
    ("said", "why"),
    [(f'sha256 = "{"1" * 64}"\n', "another hash"), ("size_bytes = 15\n", "another size")],
)
def test_a_file_that_is_not_what_the_draft_says_completes_nothing(drafting, said, why):
    with pytest.raises(IntegrityFailed, match=f"tiny-q8_0.gguf has {why}"):
        completed(drafting, SOURCE + NAMED + said)


def test_a_form_without_files_gets_those_that_its_engine_runs(drafting):
    recipe = completed(drafting, SOURCE + Q8 + TORCH)
    assert [file.name for file in recipe.forms[0].files] == ["tiny-q8_0.gguf"]
    assert [file.name for file in recipe.forms[1].files] == list(FOLDER)
    assert all(form.memory for form in recipe.forms)


def test_one_form_alone_can_be_completed_without_the_others(drafting):
    recipe = completed(drafting, SOURCE + Q8 + TORCH, Wishes(form="q8"))
    assert ([form.name for form in recipe.forms], recipe.draft) == (["q8"], False)
    with pytest.raises(NotFound, match="has no form f32; it has q8, bf16"):
        completed(drafting, SOURCE + Q8 + TORCH, Wishes(form="f32"))


def test_a_folder_takes_the_place_of_a_repository(drafting):
    folder = FakeSource.of("tiny-q8_0.gguf", place=WeightSource("folder", folder="/srv/tiny"))
    recipe = completed(drafting, SOURCE + Q8, given=folder)
    (place,) = recipe.sources
    assert (place.folder, recipe.draft) == ("/srv/tiny", False)


def test_a_repository_that_says_its_commit_stays_beside_a_folder(drafting):
    folder = FakeSource.of("tiny-q8_0.gguf", place=WeightSource("folder", folder="/srv/tiny"))
    recipe = completed(drafting, SOURCE + f'commit = "{"b" * 40}"\n' + Q8, given=folder)
    assert [type(one).__name__ for one in recipe.sources] == ["FolderToml", "HubToml"]


def test_a_draft_without_a_source_says_what_to_do(drafting):
    with pytest.raises(BadRequest, match="carrel recipe new FOLDER --id DRAFT"):
        completed(drafting, Q8)


def test_a_choice_is_left_to_whoever_asks(drafting):
    drafting.hub["lab/Tiny-GGUF"] = FakeSource.of("tiny-q8_0.gguf", "tiny-q8_k_xl.gguf")
    with pytest.raises(BadRequest, match=r"2 sets of files .* choose with --files"):
        completed(drafting, SOURCE + Q8)
    recipe = completed(drafting, SOURCE + Q8, Wishes(patterns=("*q8_0*",)))
    assert recipe.forms[0].files[0].name == "tiny-q8_0.gguf"


def test_a_file_that_is_not_there_is_named(drafting):
    with pytest.raises(NotFound, match=r"no file other\.gguf"):
        completed(drafting, SOURCE + Q8 + '[[forms.files]]\nname = "other.gguf"\n')


def test_terms_that_nobody_has_said_keep_it_a_draft(drafting):
    draft = decode_recipe((HEAD.replace('"MIT"', '"LicenseRef-x"') + SOURCE + NAMED).encode(), "draft")
    drafted = drafting.completer.complete(draft, Wishes())
    assert drafted.recipe.draft
    assert "Missing: the terms" in drafted.comments[""][1]
    assert not drafting.completer.complete(draft, Wishes(license="MIT")).recipe.draft
