"""The recipes that Carrel brings along describe the files that lie beside them, all of them."""

import pytest

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import read_recipe
from appliance.domain.generation import Message
from appliance.weights.verifying import verify
from appliance.workers.template import ChatTemplate

RECIPES = sorted(recipes_folder().glob("*.toml"))


@pytest.fixture(params=RECIPES, ids=lambda path: path.stem)
def toml(request):
    return read_recipe(request.param)


def test_every_file_is_the_one_that_was_hashed(toml):
    folder = recipes_folder() / toml.id
    for form in toml.value().forms:
        verify(form.files, folder)
    verify([file.value() for file in toml.unserved_files], folder)


def test_no_bundled_file_is_unaccounted_for(toml):
    named = {file.name for form in toml.forms for file in form.files}
    named |= {file.name for file in toml.unserved_files}
    assert {path.name for path in (recipes_folder() / toml.id).iterdir()} == named


def test_what_is_bundled_stays_small():
    size_bytes = sum(path.stat().st_size for path in recipes_folder().rglob("*") if path.is_file())
    assert size_bytes <= 20 * 10**6


def test_the_demo_template_renders_roles_as_it_was_taught():
    template = ChatTemplate(read_recipe(recipes_folder() / "handbook-tiny.toml").chat_template)
    turns = [Message("developer", "Be brief."), Message("user", "Hi"), Message("assistant", "Yes?")]
    assert template.render([*turns, Message("tool", "42")]) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\n42<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_template_of_the_files_is_the_one_of_the_recipe():
    toml = read_recipe(recipes_folder() / "handbook-tiny.toml")
    beside = (recipes_folder() / "handbook-tiny" / "chat_template.jinja").read_text(encoding="utf-8")
    assert beside == toml.chat_template
