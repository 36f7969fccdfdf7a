"""Models of an engine that divides matrices: what their workers are told, and a box without that engine."""

from dataclasses import replace

import pytest

from appliance.domain.hardware import Inventory
from appliance.domain.recipe import MemoryFacts
from appliance.errors import ConfigInvalid, DoesNotFit
from appliance.services.models.models import ModelService
from appliance.services.models.networking import Networking
from tests.models.conftest import Shelf
from tests.models.fakes import FakeCatalog

GIB = 2**30
MISSING = "It runs on torch, which is not installed (torch missing). Install it with `--with-torch`."


def torch_box(shelf: Shelf, gpus: int, size_gib: int, gpu_layers: int = -1, **form: object) -> ModelService:
    """A model of 8 KV heads on torch, GPUs of 24 GiB, and 64 GiB of memory."""
    shelf.catalog = FakeCatalog("small")
    (recipe,) = shelf.catalog.recipes
    facts = MemoryFacts(size_gib * GIB, 16, 4, 8, 64, size_gib * GIB // 2, kv_heads=8)
    changed = {"engine": "torch", "precision": "bfloat16", "memory": facts, **form}
    shelf.catalog.recipes[0] = replace(recipe, forms=tuple(replace(one, **changed) for one in recipe.forms))
    shelf.machine.has = Inventory((), 64 * GIB, 64 * GIB, 8)
    shelf.machine.give_gpus(gpus, 24 * GIB)
    return shelf.service(gpu_layers)


async def test_a_model_that_no_gpu_holds_has_a_process_for_each_of_its_gpus(shelf: Shelf):
    await torch_box(shelf, 5, 60).run(model="small")
    (replica,) = shelf.factory.replicas
    assert (replica.spec.split, replica.spec.ranks, replica.spec.split_layers) == ("tensor", 4, ())
    assert replica.order.environment["CUDA_VISIBLE_DEVICES"] == "0,1,2,3"
    assert (replica.spec.precision, replica.spec.gpu_layers, replica.spec.threads) == ("bfloat16", -1, 1)


async def test_a_model_on_one_gpu_has_one_process_with_all_threads(shelf: Shelf):
    await torch_box(shelf, 2, 10).run(model="small")
    (replica,) = shelf.factory.replicas
    assert (replica.spec.split, replica.spec.ranks, replica.spec.threads) == ("none", 1, 3)
    assert replica.order.gpus == (0,)


async def test_a_box_that_puts_some_layers_on_gpus_puts_all_of_torch_there(shelf: Shelf):
    await torch_box(shelf, 1, 10, gpu_layers=3).run(model="small")
    assert shelf.factory.replicas[0].spec.gpu_layers == -1


async def test_a_box_that_puts_no_layer_on_gpus_has_torch_on_the_processor(shelf: Shelf):
    await torch_box(shelf, 1, 10, gpu_layers=0).run(model="small")
    (replica,) = shelf.factory.replicas
    assert (replica.spec.gpu_layers, replica.order.environment) == (0, {"CUDA_VISIBLE_DEVICES": ""})


async def test_a_torch_for_the_processor_leaves_the_gpus_alone(shelf: Shelf):
    service = torch_box(shelf, 2, 10)
    shelf.machine.has = replace(shelf.machine.has, processor_engines=frozenset({"torch"}))
    await service.run(model="small")
    (replica,) = shelf.factory.replicas
    assert (replica.spec.gpu_layers, replica.order.gpus) == (0, ())
    with pytest.raises(DoesNotFit):
        await service.run(model="small", gpus="0")


async def test_without_its_engine_nothing_is_read_or_started(shelf: Shelf):
    torch_box(shelf, 0, 10)
    asked = []

    def why_not(engine: str) -> str:
        asked.append(engine)
        return MISSING

    service = shelf.service(why_not=why_not)
    with pytest.raises(ConfigInvalid, match=r"small cannot run here\. It runs on torch"):
        await service.run(model="small")
    assert (shelf.weights.verified, shelf.factory.made) == ([], [])
    assert set(asked) == {"torch"}
    assert [one.reason for one in (await service.list_models(all=False)).models] == [MISSING, MISSING]


async def test_a_model_on_a_cluster_is_not_placed_on_this_machine(shelf: Shelf):
    torch_box(shelf, 1, 600, engine="vllm", networked=True)
    await shelf.service(networking=Networking(allowed=True, ray_address="head:6379")).run(model="small")
    (replica,) = shelf.factory.replicas
    assert (replica.order.place, replica.order.environment) == (None, {})
    assert (replica.spec.networked, replica.spec.batch_tokens) == (True, 512)


async def test_a_model_of_torch_is_planned_though_only_its_files_say_what_it_needs(shelf: Shelf):
    await torch_box(shelf, 0, 0, memory=None).run(model="small")
    (replica,) = shelf.factory.replicas
    assert replica.order.place.gpus == ()
    torch_box(shelf, 0, 0, memory=None)
    shelf.machine.has = Inventory((), GIB, GIB // 2, 8)
    with pytest.raises(DoesNotFit):
        await shelf.service().run(model="small")
