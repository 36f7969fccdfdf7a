"""Every recipe that Carrel brings: its terms and their texts, its needs of memory, how it can be planned."""

from dataclasses import replace

import pytest
from license_expression import get_spdx_licensing

from appliance.catalog.license_texts import LicenseTexts
from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import read_recipe
from appliance.domain.running import RunWishes
from appliance.policy.flops import gflop
from appliance.policy.placement import PlannedForm, Wishes, facts_of, plan
from appliance.policy.placement.machines import machine
from appliance.services.models.specification import planner_wishes
from appliance.weights.placing import folder_of

RECIPES = [read_recipe(path).value() for path in sorted(recipes_folder().glob("*.toml"))]
BY_ID = {recipe.id: recipe for recipe in RECIPES}
DRAFTS = [recipe for recipe in RECIPES if recipe.draft]
FETCHED = [recipe for recipe in RECIPES if not recipe.draft and recipe.id != "handbook-tiny"]
FORMS = [(recipe, form) for recipe in RECIPES for form in recipe.forms]
OURS = {"LicenseRef-OPT-175B"}
"""Of expressions that neither SPDX nor ScanCode has."""


def named(recipe):
    return recipe.id


def forms(pair):
    return pair[0].model_id(pair[1])


@pytest.fixture(scope="module")
def licensing():
    return get_spdx_licensing()


def test_models_of_all_sizes_and_kinds_are_there():
    assert {
        "handbook-tiny", "qwen2.5-0.5b-instruct", "llama-3.2-3b-instruct", "llama-3.1-8b-instruct",
        "qwen3-8b", "qwen3-30b-a3b", "qwen3-32b", "llama-3.3-70b-instruct", "bge-small-en-v1.5",
        "qwen3guard-gen-0.6b", "opt-125m", "gpt-neox-20b", "bloom-176b", "opt-175b",
    } == set(BY_ID)  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_its_license_is_one_that_is_known_by_name(recipe, licensing):
    assert set(licensing.unknown_license_keys(recipe.license_expression)) <= OURS


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_its_license_is_there_to_be_read(recipe):
    assert recipe.terms.title
    assert LicenseTexts.of(recipes_folder()).text(recipe.terms.text_sha256)


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_only_openly_licensed_models_are_open(recipe):
    needs_nothing = recipe.terms.acceptance == "none"
    assert needs_nothing == (recipe.license_expression in {"Apache-2.0", "MIT"})
    assert needs_nothing == (recipe.tier == "open")
    assert needs_nothing or (recipe.terms.uses_denied and recipe.terms.redistribution != "yes")


def test_opt_175b_is_lent_and_not_passed_on():
    terms = BY_ID["opt-175b"].terms
    assert (terms.acceptance, terms.redistribution, terms.lease) == ("person", "no", True)
    assert (terms.on_lapse, terms.on_revocation, BY_ID["opt-175b"].tier) == ("stop", "delete", "restricted")
    assert any("commercial" in use for use in terms.uses_denied)


def test_every_denied_use_of_bloom_is_listed():
    assert len(BY_ID["bloom-176b"].terms.uses_denied) == 13


@pytest.mark.parametrize("id", [one for one in BY_ID if one.startswith("llama")])
def test_llama_is_named_where_it_is_used(id):
    terms = BY_ID[id].terms
    assert terms.attribution.startswith("Built with Llama")
    assert (terms.acceptance, terms.redistribution) == ("institution", "same-terms")


@pytest.mark.parametrize("recipe", DRAFTS, ids=named)
def test_a_draft_says_that_it_is_one_and_who_completes_it(recipe):
    assert "draft" in recipe.known_limits[0]
    whole = recipe.id.startswith("opt-")  # converted by hand, so it comes from a folder
    source = f"FOLDER --id {recipe.id}" if whole else recipe.id
    assert f"`carrel recipe new {source}` and `carrel recipe approve FILE`" in recipe.known_limits[0]
    for form in recipe.forms:
        assert folder_of(recipe, form, models_dir=recipes_folder(), bundled=recipes_folder()) is None


@pytest.mark.parametrize("recipe", FETCHED, ids=named)
def test_what_is_no_draft_can_be_fetched_and_checked(recipe):
    for form in recipe.forms:
        assert form.sources
        assert all(source.kind == "hub" and len(source.commit) == 40 for source in form.sources)
        assert all(file.size_bytes and len(file.sha256) == 64 for file in form.files)


@pytest.mark.parametrize(("recipe", "form"), FORMS, ids=map(forms, FORMS))
def test_it_can_be_planned_for_eight_gpus_of_80_gb_as_it_stands(recipe, form):
    wishes = planner_wishes(recipe, RunWishes(), gpu_layers=-1)
    assert plan(
        PlannedForm(form.memory, form.engine, form.precision), wishes, machine("8xA100-80GB").inventory
    ).fits


@pytest.mark.parametrize("recipe", DRAFTS, ids=named)
def test_a_draft_can_be_planned_for_a_large_machine(recipe):
    for form in recipe.forms:
        planned = PlannedForm(form.memory, form.engine, form.precision)
        assert plan(planned, Wishes(1, recipe.context_tokens), machine("64xB200").inventory).fits


@pytest.mark.parametrize(
    ("recipe", "form"),
    [pair for pair in FORMS if pair[0].shapes],
    ids=[forms(pair) for pair in FORMS if pair[0].shapes],
)
def test_what_it_says_of_memory_follows_from_its_architecture(recipe, form):
    read = facts_of(recipe.shapes, sum(file.size_bytes for file in form.files) or 1, form.precision)
    assert form.memory.weight_bytes == pytest.approx(read.weight_bytes, rel=0.01)
    if recipe.id != "qwen3-30b-a3b":  # a token uses a part of its experts
        assert form.memory.parameters == pytest.approx(read.parameters, rel=0.01)
    told = replace(read, weight_bytes=form.memory.weight_bytes, parameters=form.memory.parameters)
    assert form.memory == told


@pytest.mark.parametrize("recipe", [one for one in RECIPES if one.shapes and not one.pooling], ids=named)
def test_the_arithmetic_of_a_token_is_about_twice_its_active_weights(recipe):
    cost = gflop(recipe.shapes, prompt_tokens=1000, cached_tokens=0, generated_tokens=1) * 10**9
    assert 2 * recipe.shapes.matrix_weights < cost / 1000 < 4 * recipe.shapes.matrix_weights
    assert not recipe.training_gflop or recipe.training_gflop > 10**13


def test_quantized_weights_take_less_than_those_they_were_made_from():
    for recipe, form in FORMS:
        if form.engine == "llama_cpp" and recipe.id != "handbook-tiny":
            assert form.memory.weight_bytes < 2.1 * form.memory.parameters
            assert form.memory.weight_bytes == sum(file.size_bytes for file in form.files)
