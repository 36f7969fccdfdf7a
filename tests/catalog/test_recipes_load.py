"""A folder of TOMLs becomes the catalog, and models are found in it by id."""

from pathlib import Path

import pytest

from appliance.catalog.recipes import load_catalog
from appliance.domain.recipe import MemoryFacts, SamplingDefaults
from appliance.errors import ConfigInvalid, ModelNotFound


def test_a_recipe_keeps_all_its_fields(folder: Path) -> None:
    (recipe,) = load_catalog(folder).recipes
    assert (recipe.id, recipe.revision, recipe.title, recipe.tier) == ("tiny", 3, "Tiny", "open")
    assert recipe.license_expression == "Apache-2.0"
    assert recipe.defaults == SamplingDefaults(temperature=0.5, max_tokens=64)
    assert [form.name for form in recipe.forms] == ["q8", "f16"]
    assert recipe.forms[1].files[0].size_bytes == 20
    assert recipe.known_limits == ("It is for tests only.",)


def test_the_default_form_is_found_by_id_and_by_its_alias(folder: Path) -> None:
    catalog = load_catalog(folder)
    assert catalog.find("tiny")[1].name == "q8"
    assert catalog.find("tiny@q8") == catalog.find("tiny")


def test_another_form_is_found_by_its_name(folder: Path) -> None:
    assert load_catalog(folder).find("tiny@f16")[1].files[0].name == "tiny-f16.gguf"


@pytest.mark.parametrize("model_id", ["other", "tiny@bf16", "TINY", "tiny@", "../tiny", "tiny\n", ""])
def test_an_unknown_model_is_not_found(folder: Path, model_id: str) -> None:
    with pytest.raises(ModelNotFound, match="carrel model list --all"):
        load_catalog(folder).find(model_id)


def test_recipes_are_ordered_by_id(folder: Path, recipe_text: str) -> None:
    (folder / "alpha.toml").write_text(recipe_text.replace('"tiny"', '"alpha"'))
    assert [recipe.id for recipe in load_catalog(folder).recipes] == ["alpha", "tiny"]


def test_other_files_of_the_folder_are_left_alone(folder: Path) -> None:
    (folder / "README.md").write_text("not a recipe")
    (folder / "tiny").mkdir()
    assert len(load_catalog(folder).recipes) == 1


def test_an_empty_folder_is_an_empty_catalog(tmp_path: Path) -> None:
    assert load_catalog(tmp_path).recipes == ()


def test_a_missing_folder_is_said_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load_catalog(tmp_path / "absent")
    assert str(tmp_path) not in caught.value.message


def test_a_form_can_say_what_it_needs_of_memory(folder: Path, recipe_text: str) -> None:
    facts = MemoryFacts(weight_bytes=20, kv_bytes_per_token=2, layers=3, width=4, vocabulary=5, parameters=6)
    lines = [f"{name} = {getattr(facts, name)}" for name in MemoryFacts.__slots__]
    (folder / "tiny.toml").write_text("\n".join([recipe_text, "[forms.memory]", *lines]))
    (recipe,) = load_catalog(folder).recipes
    assert [form.memory for form in recipe.forms] == [None, facts]
    assert not recipe.draft


def test_a_draft_may_have_forms_without_files(folder: Path, recipe_text: str) -> None:
    head = recipe_text.partition("[defaults]")[0]
    (folder / "tiny.toml").write_text(
        f'{head}draft = true\n[defaults]\nmax_tokens = 9\n[[forms]]\nname = "q8"\nengine = "llama_cpp"\n'
    )
    (recipe,) = load_catalog(folder).recipes
    assert recipe.draft
    assert recipe.forms[0].files == ()


def test_a_model_that_makes_vectors_says_how(folder: Path, recipe_text: str) -> None:
    lines = [line for line in recipe_text.splitlines() if not line.startswith("chat_template")]
    (folder / "tiny.toml").write_text('pooling = "cls"\nadd_eos = true\n' + "\n".join(lines))
    (recipe,) = load_catalog(folder).recipes
    assert (recipe.pooling, recipe.add_eos) == ("cls", True)


def test_a_model_that_answers_pools_nothing(folder: Path) -> None:
    (recipe,) = load_catalog(folder).recipes
    assert (recipe.pooling, recipe.add_eos) == ("", False)


def test_the_length_of_answers_does_not_bound_a_model_that_gives_none(folder: Path, recipe_text: str) -> None:
    short = recipe_text.replace("context_tokens = 512", 'context_tokens = 64\npooling = "mean"')
    lines = [line for line in short.splitlines() if not line.startswith("chat_template")]
    (folder / "tiny.toml").write_text("\n".join(lines))
    assert load_catalog(folder).recipes[0].context_tokens == 64


def test_a_model_that_thinks_says_between_what(folder: Path, recipe_text: str) -> None:
    (folder / "tiny.toml").write_text('thinking = ["<think>", "</think>"]\n' + recipe_text)
    assert load_catalog(folder).recipes[0].thinking == ("<think>", "</think>")
    (folder / "tiny.toml").write_text(recipe_text)
    assert load_catalog(folder).recipes[0].thinking is None
