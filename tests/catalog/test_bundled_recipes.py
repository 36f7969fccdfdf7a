"""The recipes that Carrel brings along describe the files that lie beside them, all of them."""

from dataclasses import replace

import pytest

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import read_recipe
from appliance.domain.prompts import ChatPrompt, Message
from appliance.engines.base import EngineSpec
from appliance.engines.plugins import find_plugin
from appliance.policy.placement import facts_of
from appliance.weights.verifying import verify
from appliance.workers.shielding import Shield
from appliance.workers.template import ChatTemplate

TOMLS = [read_recipe(path) for path in sorted(recipes_folder().glob("*.toml"))]
BUNDLED = [toml for toml in TOMLS if (recipes_folder() / toml.id).exists()]


@pytest.fixture(params=BUNDLED, ids=lambda toml: toml.id)
def toml(request):
    return request.param


def test_every_file_is_the_one_that_was_hashed(toml):
    folder = recipes_folder() / toml.id
    for form in toml.value().forms:
        verify(form.files, folder)
    verify([file.value() for file in toml.unserved_files], folder)


def test_no_bundled_file_is_unaccounted_for(toml):
    named = {file.name for form in toml.forms for file in form.files}
    named |= {file.name for file in toml.unserved_files}
    assert {path.name for path in (recipes_folder() / toml.id).iterdir()} == named


def test_what_a_recipe_says_of_memory_is_what_its_files_say(toml):
    folder = recipes_folder() / toml.id
    for form in toml.value().forms:
        shapes = find_plugin(form.engine).read_shapes(opened(form, folder))
        read = facts_of(shapes, (folder / form.files[0].name).stat().st_size, form.precision)
        # Norms are parameters too, and are not among the matrices that a GGUF file's shapes count.
        assert form.memory.parameters == pytest.approx(read.parameters, rel=0.01)
        # The planner takes the rows of all matrices to be of one length, which their scales in 8 bits feel.
        assert form.memory.weight_bytes == pytest.approx(read.weight_bytes, rel=0.01)
        told = replace(form.memory, parameters=read.parameters, weight_bytes=read.weight_bytes)
        assert told == read


def opened(form, folder):
    """The order to look at a form's files."""
    return EngineSpec(
        engine=form.engine,
        model_path=str(folder / form.files[0].name),
        context_tokens=16,
        kv_tokens=16,
        max_sequences=1,
        files=tuple(file.name for file in form.files),
        precision=form.precision,
    )


def test_what_is_bundled_stays_small():
    size_bytes = sum(path.stat().st_size for path in recipes_folder().rglob("*") if path.is_file())
    assert size_bytes <= 20 * 10**6


def test_the_demo_template_renders_roles_as_it_was_taught():
    template = ChatTemplate(read_recipe(recipes_folder() / "handbook-tiny.toml").chat_template, Shield(()))
    turns = (Message("developer", "Be brief."), Message("user", "Hi"), Message("assistant", "Yes?"))
    assert template.render(ChatPrompt((*turns, Message("tool", "42")))) == [
        (
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
            "<|im_start|>assistant\nYes?<|im_end|>\n"
            "<|im_start|>user\n<tool_response>\n42\n</tool_response><|im_end|>\n<|im_start|>assistant\n"
        )
    ]


def test_the_template_of_the_files_is_the_one_of_the_recipe():
    toml = read_recipe(recipes_folder() / "handbook-tiny.toml")
    beside = (recipes_folder() / "handbook-tiny" / "chat_template.jinja").read_text(encoding="utf-8")
    assert beside == toml.chat_template
