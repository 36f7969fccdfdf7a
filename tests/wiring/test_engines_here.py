"""Which engines this box has, for which processors, and what somebody without one is told."""

from pathlib import Path

import pytest

from appliance.domain.license import LicenseTerms
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.domain.running import RunWishes
from appliance.engines.installed import PACKAGES, look_for
from appliance.policy.placement import PlannedForm, Wishes, plan
from appliance.services.models.specification import ReplicaOrder, engine_spec
from appliance.wiring.hardware import engines_here, has_cuda_engine, why_not
from appliance.wiring.processes import memory_limit_bytes
from tests.placement.machines_for_tests import EIGHT_B, EIGHT_B_TORCH, named

GIB, MIB = 2**30, 2**20


def test_what_is_installed_is_known_with_its_build():
    here = engines_here()
    assert set(here) == {name for name in PACKAGES if look_for(name).complete}
    assert here["llama_cpp"] == has_cuda_engine()


@pytest.mark.parametrize("engine", sorted(PACKAGES))
def test_a_missing_engine_is_told_with_the_next_step(engine):
    reason = why_not(engine)
    assert (reason is None) == look_for(engine).complete
    assert reason is None or f"It runs on {engine}, which is not installed" in reason


def test_an_engine_that_is_no_package_is_always_there():
    assert why_not("fake") is None


@pytest.mark.parametrize("form", [EIGHT_B, EIGHT_B_TORCH])
def test_a_worker_on_the_processor_may_have_a_quarter_more_than_planned(form: PlannedForm, order):
    (place,) = plan(form, Wishes(4, 2048), named("cpu:64GB")).replicas
    limit = memory_limit_bytes(order(place), 0)
    (share,) = place.shares
    process = 600 * MIB if form.engine == "torch" else 256 * MIB
    parts = share.weight_bytes + share.kv_bytes + share.buffer_bytes
    assert limit == (parts + process) * 5 // 4 + 512 * MIB


def test_what_an_operator_sets_goes_before_the_plan(order):
    assert memory_limit_bytes(order(None), 7) == 7 * MIB
    assert memory_limit_bytes(order(None), 0) is None


@pytest.fixture
def order():
    file = RecipeFile("x.gguf", 1, "0" * 64)
    form = RecipeForm("q8", "fake", (file,))
    recipe = Recipe(
        "x", 1, "X", "X.", LicenseTerms("MIT"), "open", 512, 2, None, False, (form,), SamplingDefaults()
    )

    def make(place):
        spec = engine_spec(recipe, form, Path("/models"), RunWishes(), threads=1, gpu_layers=-1)
        return ReplicaOrder(spec, place=place)

    return make
