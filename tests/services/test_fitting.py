"""Whether a model fits, for the recipes that Carrel brings and for models that only a file describes."""

from dataclasses import replace

import pytest

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import load_catalog
from appliance.cli.showing import exit_code_of
from appliance.client.presenting.showing import present
from appliance.domain.license import LicenseTerms
from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.domain.shapes import ModelShapes
from appliance.errors import BadRequest, ModelNotFound, NotFound
from appliance.services.fitting import CLUSTER, VECTORS, FittingService
from tests.placement.machines_for_tests import GIB, box


class Here:
    def __init__(self, *processor_engines: str) -> None:
        self.processor_engines = frozenset(processor_engines)

    async def inventory(self):
        return replace(box(80, 80, host_gib=64), processor_engines=self.processor_engines)


class Weighed:
    """``found`` was measured of every model, in the revision that it names."""

    def __init__(self, found: MemoryMeasurement | None = None) -> None:
        self.found = found

    async def latest(self, _model, revision):
        return self.found if self.found and self.found.revision == revision else None


class Folders:
    """``place`` is where every model lies, or None."""

    def __init__(self, place) -> None:
        self.place = place

    def folder_of(self, recipe, form):
        return self.place


class Unfinished:
    """A catalog of one recipe that says nothing of memory."""

    def find(self, _model_id):
        file = RecipeFile("x.gguf", 7 * GIB, "0" * 64)
        form = RecipeForm("q8", "llama_cpp", (file,))
        recipe = Recipe(
            "x", 1, "X", "X.", LicenseTerms("MIT"), "open", 4096, 8, None, False, (form,), SamplingDefaults()
        )  # fmt: skip
        return recipe, form


def shapes(_form, _folder):
    return ModelShapes(6 * 10**9, 32, 32, 128, 128, 4096, 32_000, kv_heads=8)


def service(catalog=None, place=None, gpu_layers=-1, **more):
    return FittingService(
        catalog=catalog or load_catalog(recipes_folder()),
        folders=Folders(place),
        read_shapes=shapes,
        gpu_layers=gpu_layers,
        **{"machine": Here(), **more},
    )


async def fit(model, *, by=None, **asked):
    given = {"seats": None, "context": None, "replicas": None, "gpus": None, **asked}
    return await (by or service()).fit(model=model, **given)


async def test_bloom_in_bf16_is_split_over_eight_gpus_of_80_gb():
    found = await fit("bloom-176b", gpus="8xA100-80GB")
    assert (found.verdict, found.fits, found.draft, found.machine) == ("split", True, True, "8xA100-80GB")
    assert [share.gpu for share in found.shares] == list(range(8))
    assert all(share.free_bytes >= 0 for share in found.shares)
    assert found.day.dollars == "240.00"
    assert exit_code_of(found) == 0


async def test_bloom_in_bf16_does_not_fit_40_gb_and_int8_is_advised():
    found = await fit("bloom-176b", seats=1, gpus="8xA100-40GB")
    assert (found.verdict, found.shares, found.day) == ("does_not_fit", (), None)
    assert found.missing_bytes > 0
    assert "bloom-176b@int8" in {one.value for one in found.advice}
    assert exit_code_of(found) == 6
    assert (await fit("bloom-176b@int8", seats=1, gpus="8xA100-40GB")).fits


async def test_8b_for_a_class_gets_one_gpu_or_the_replicas_that_are_asked():
    model, asked = "llama-3.1-8b-instruct", {"seats": 30, "context": 8192, "gpus": "8xA100-80GB"}
    assert (await fit(model, **asked)).verdict == "gpu"
    four = await fit(model, replicas=4, **asked)
    assert (four.verdict, len({share.gpu for share in four.shares})) == ("replicas", 4)


async def test_without_a_machine_it_is_planned_for_this_one():
    found = await fit("handbook-tiny")
    assert (found.machine, found.verdict, found.seats, found.context_tokens) == (
        "this machine",
        "gpu",
        16,
        512,
    )
    assert (await fit("handbook-tiny", gpus="1")).shares[0].gpu == 1
    assert (await fit("handbook-tiny", gpus="none")).verdict == "cpu"
    assert (await fit("handbook-tiny", by=service(gpu_layers=0))).verdict == "cpu"


async def test_context_is_never_more_than_the_recipe_s():
    assert (await fit("handbook-tiny", context=4096)).context_tokens == 512


async def test_a_recipe_without_memory_facts_is_planned_by_its_file(tmp_path):
    found = await fit("x", by=service(Unfinished(), tmp_path))
    assert found.fits
    assert "header" in found.assumptions[0]
    assert sum(share.weight_bytes for share in found.shares) >= 7 * GIB
    with pytest.raises(NotFound, match="not known"):
        await fit("x", by=service(Unfinished()))


async def test_what_is_no_model_or_no_machine_is_refused():
    with pytest.raises(ModelNotFound):
        await fit("nothing")
    with pytest.raises(BadRequest, match="known GPUs"):
        await fit("handbook-tiny", gpus="8xToaster")


async def test_a_fit_is_shown_with_bars_and_assumptions(capsys):
    present(await fit("bloom-176b", gpus="8xA100-80GB"))
    shown = capsys.readouterr().out
    assert shown.count("[####") == 8
    assert "draft" in shown
    assert "tokens" in shown
    assert "240.00 dollars" in shown
    assert "Taken for granted" in shown
    assert "estimate" in shown


async def test_a_misfit_is_shown_with_what_would_fit(capsys):
    present(await fit("bloom-176b", seats=1, gpus="8xA100-40GB"))
    shown = capsys.readouterr().out
    assert "does not fit" in shown
    assert "missing" in shown
    assert "bloom-176b@int8" in shown


async def test_for_a_model_that_makes_vectors_no_answers_are_estimated():
    class Vectors(Unfinished):
        def find(self, model_id):
            recipe, form = super().find(model_id)
            return replace(recipe, pooling="mean"), form

    found = await fit("x", by=service(Vectors(), place="somewhere"))
    answers = await fit("x", by=service(Unfinished(), place="somewhere"))
    assert found.fits
    assert found.day is None
    assert VECTORS in found.assumptions
    assert answers.day is not None
    assert VECTORS not in answers.assumptions
    assert sum(share.kv_bytes for share in found.shares) < sum(share.kv_bytes for share in answers.shares)


LOADED = MemoryMeasurement("any", 1, "torch-1", "bfloat16", (0,), 0, 20 * GIB, GIB, GIB, 21 * GIB, 5)


async def test_weights_that_were_measured_count_and_not_those_of_the_recipe():
    model, asked = "llama-3.1-8b-instruct@bf16", {"gpus": "A100-80GB"}
    found = await fit(model, by=service(weighed=Weighed(replace(LOADED, revision=2))), **asked)
    assert found.shares[0].weight_bytes == 20 * GIB
    assert "measured when it was loaded here" in found.assumptions[0]
    for unknown in (None, replace(LOADED, weight_bytes=0)):
        planned = await fit(model, by=service(weighed=Weighed(unknown)), **asked)
        assert planned.shares[0].weight_bytes == 16_060_522_496
        assert "measured" not in planned.assumptions[0]


async def test_weights_that_were_measured_count_for_a_model_that_a_file_describes(tmp_path):
    found = await fit("x", by=service(Unfinished(), tmp_path, weighed=Weighed(LOADED)), gpus="1")
    assert sum(share.weight_bytes for share in found.shares) == pytest.approx(20 * GIB, abs=32)


async def test_a_model_of_a_missing_engine_is_planned_and_the_plan_says_so():
    by = service(why_not=lambda engine: f"no {engine}")
    found = await fit("llama-3.1-8b-instruct@bf16", by=by)
    assert found.fits
    assert found.assumptions[-1] == "no torch"
    assert "no torch" not in (await fit("llama-3.1-8b-instruct@bf16", by=by, gpus="A100-80GB")).assumptions


async def test_an_engine_for_the_processor_is_planned_there_and_the_plan_says_so():
    by = service(machine=Here("torch"))
    found = await fit("llama-3.1-8b-instruct@bf16", by=by, seats=4)
    assert (found.verdict, "without CUDA" in found.assumptions[-1]) == ("cpu", True)
    assert (await fit("llama-3.1-8b-instruct", by=by, seats=4)).verdict == "gpu"
    assert (await fit("llama-3.1-8b-instruct@bf16", by=by, gpus="A100-80GB")).verdict == "gpu"


async def test_bloom_on_40_gb_fits_packed_with_fewer_seats():
    asked = {"gpus": "8xA100-40GB"}
    advice = {one.value: one.seats for one in (await fit("bloom-176b", **asked)).advice if one.kind == "form"}
    for form in ("bloom-176b@int8", "bloom-176b@nf4"):
        found = await fit(form, seats=advice[form], **asked)
        assert (found.verdict, len(found.shares)) == ("split", 8)
        assert not (await fit(form, seats=advice[form] + 1, **asked)).fits


async def test_what_computes_on_a_cluster_asks_for_its_gpus(tmp_path):
    class Clustered(Unfinished):
        def find(self, model_id):
            recipe, form = super().find(model_id)
            return recipe, replace(form, engine="vllm", precision="bfloat16", networked=True)

    found = await fit("x", by=service(Clustered(), tmp_path), gpus="16xA100-80GB")
    assert (found.fits, CLUSTER in found.assumptions) == (True, True)
