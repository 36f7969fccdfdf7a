"""Where replicas run, and which idle models are stopped so that another one fits."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import Sampling
from appliance.domain.hardware import GpuProcess, Inventory
from appliance.domain.model import ModelState
from appliance.domain.people import Caller
from appliance.domain.prompts import TextPrompt
from appliance.engines.base import Generate
from appliance.errors import DoesNotFit, ModelNotRunning
from appliance.services.models.models import ModelService
from appliance.services.models.specification import BATCH_TOKENS, CPU_BATCH_TOKENS
from appliance.services.queue import Share
from tests.models.conftest import Shelf
from tests.models.fakes import FakeCatalog

GIB = 2**30


def gpu_box(shelf: Shelf, gpus: int, **sizes_gib: int) -> ModelService:
    """GPUs of 24 GiB, little other memory, and models of those sizes. A running one holds what its recipe
    says, on its GPUs.
    """
    shelf.catalog = FakeCatalog(*sizes_gib)
    for name, size in sizes_gib.items():
        shelf.catalog.weigh(name, size * GIB)
    shelf.machine.has = Inventory((), 4 * GIB, 4 * GIB, 8)
    shelf.machine.give_gpus(gpus, 24 * GIB)

    def taken() -> dict[int, tuple[GpuProcess, ...]]:
        held: dict[int, tuple[GpuProcess, ...]] = {}
        for pid, one in enumerate(shelf.factory.replicas, 1000):
            if one.stopped:
                continue
            one.pid = pid
            for share in one.order.place.shares if one.order.place else ():
                size = share.total_bytes - share.reserve_bytes
                held[share.gpu] = (*held.get(share.gpu, ()), GpuProcess(pid, "python", size, ours=True))
        return held

    shelf.machine.taken = taken
    return shelf.service()


async def test_a_replica_sees_only_its_own_gpu(shelf: Shelf):
    service = gpu_box(shelf, 2, small=10)
    shown = await service.run(model="small", replicas=2)
    environments = [one.order.environment for one in shelf.factory.replicas]
    assert sorted(one["CUDA_VISIBLE_DEVICES"] for one in environments) == ["0", "1"]
    assert all(one["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID" for one in environments)
    assert all(one.spec.gpu_layers == -1 and one.spec.split == "none" for one in shelf.factory.replicas)
    assert {one.spec.batch_tokens for one in shelf.factory.replicas} == {BATCH_TOKENS}
    assert sorted(one.gpus for one in shown.replicas) == [(0,), (1,)]


async def test_a_model_that_no_gpu_holds_is_split_by_layers(shelf: Shelf):
    await gpu_box(shelf, 2, small=30).run(model="small")
    (replica,) = shelf.factory.replicas
    assert replica.spec.split == "layer"
    assert sorted(replica.order.gpus) == [0, 1]
    assert replica.spec.split_layers == tuple(share.layers for share in replica.order.place.shares)
    assert len(replica.spec.split_layers) == 2
    assert min(replica.spec.split_layers) > 0


async def test_a_box_that_puts_some_layers_on_gpus_lets_the_engine_divide_them(shelf: Shelf):
    gpu_box(shelf, 2, small=30)
    await shelf.service(gpu_layers=3).run(model="small")
    (replica,) = shelf.factory.replicas
    assert (replica.spec.gpu_layers, replica.spec.split_layers) == (3, ())


async def test_the_wish_for_no_gpu_hides_them_all(shelf: Shelf):
    service = gpu_box(shelf, 2, small=10)
    shelf.machine.has = replace(shelf.machine.has, memory_available_bytes=64 * GIB)
    await service.run(model="small", gpus="none")
    (replica,) = shelf.factory.replicas
    assert replica.order.environment == {"CUDA_VISIBLE_DEVICES": ""}
    assert replica.spec.gpu_layers == 0
    assert replica.spec.batch_tokens == CPU_BATCH_TOKENS


async def test_a_box_that_is_told_to_put_no_layer_on_a_gpu_uses_none(shelf: Shelf):
    gpu_box(shelf, 2, small=1)
    await shelf.service(gpu_layers=0).run(model="small")
    assert shelf.factory.replicas[0].order.gpus == ()


async def test_a_recipe_without_facts_is_planned_by_the_sizes_in_its_file(shelf: Shelf):
    shelf.machine.give_gpus(1, 24 * GIB)
    await shelf.service().run(model="small")
    assert shelf.factory.replicas[0].order.gpus == (0,)


async def test_a_gpu_that_is_not_there_is_refused(shelf: Shelf):
    with pytest.raises(DoesNotFit):
        await shelf.service().run(model="small", gpus="3")
    assert shelf.factory.replicas == []


async def test_without_facts_and_without_gpus_nothing_is_planned(shelf: Shelf):
    await shelf.service().run(model="small", replicas=2)
    assert [one.order.place for one in shelf.factory.replicas] == [None, None]
    assert [one.order.environment for one in shelf.factory.replicas] == [{}, {}]


async def test_the_idle_model_that_was_used_longest_ago_makes_room(shelf: Shelf):
    service = gpu_box(shelf, 2, small=15, large=15, third=15)
    for name in ("small", "large", "small"):
        await service.run(model=name)
        shelf.clock.at_s += 1
        service.served(name)
    assert (await service.run(model="third")).state == ModelState.READY
    assert [card.id for card in service.cards(None)] == ["small", "third"]
    shown = await service.show(model="large")
    assert shown.state == ModelState.AVAILABLE
    assert shown.reason == ("It was stopped to make room for third. `carrel model run large` runs it again.")
    assert set(shelf.wanted.models) == {"small", "third"}
    assert not shelf.factory.replicas[0].stopped


async def test_a_model_that_runs_again_has_no_reason_any_more(shelf: Shelf):
    service = gpu_box(shelf, 1, small=15, large=15)
    await service.run(model="small")
    await service.run(model="large")
    assert (await service.run(model="small")).reason is None


async def test_no_more_models_are_stopped_than_needed(shelf: Shelf):
    service = gpu_box(shelf, 2, tiny=1, small=15, large=15, third=15)
    for name in ("tiny", "small", "large"):
        await service.run(model=name)
        shelf.clock.at_s += 1
    await service.run(model="third")
    assert [card.id for card in service.cards(None)] == ["tiny", "large", "third"]


def computing(service: ModelService, shelf: Shelf) -> None:
    shelf.factory.replicas[0].running = 1


def preparing(service: ModelService, shelf: Shelf) -> None:
    shelf.factory.preparers[0].preparing.clear()
    shelf.tasks = [asyncio.ensure_future(service.served("small").preparer.prepare(TextPrompt("Hi")))]


def waiting(service: ModelService, shelf: Shelf) -> None:
    work = Generate(1, (1,), 10**6, Sampling(0.0, 1.0, 0, 0.0, 0))
    place = shelf.queue.join("small", work, service.served("small").sources, Share(Caller("k", "p", "d")))
    assert place.position == 1


@pytest.mark.parametrize("serve", [computing, preparing, waiting])
async def test_a_model_that_serves_is_never_stopped(shelf: Shelf, serve):
    service = gpu_box(shelf, 1, small=15, large=15)
    await service.run(model="small")
    serve(service, shelf)
    await asyncio.sleep(0)
    with pytest.raises(DoesNotFit, match=r"small 15\.. GiB \(serving\)") as caught:
        await service.run(model="large")
    assert "are missing" in caught.value.message
    assert (await service.show(model="small")).state == ModelState.READY
    assert (await service.show(model="large")).state == ModelState.AVAILABLE
    assert set(shelf.wanted.models) == {"small"}
    for task in shelf.tasks:
        task.cancel()


async def test_what_serves_on_the_gpu_leaves_the_processor_to_others(shelf: Shelf):
    service = gpu_box(shelf, 1, small=15, large=15)
    shelf.machine.has = replace(shelf.machine.has, memory_available_bytes=64 * GIB)
    await service.run(model="small")
    shelf.factory.replicas[0].running = 1
    await service.run(model="large")
    assert [one.order.gpus for one in shelf.factory.replicas] == [(0,), ()]


async def test_nothing_is_stopped_for_what_would_not_fit_all_the_same(shelf: Shelf):
    service = gpu_box(shelf, 1, small=15, huge=200)
    await service.run(model="small")
    with pytest.raises(DoesNotFit, match=r"small 15\.. GiB \(idle\)"):
        await service.run(model="huge", gpus="0")
    assert (await service.show(model="small")).state == ModelState.READY


async def test_wishes_that_do_not_fit_leave_the_running_model_alone(shelf: Shelf):
    service = gpu_box(shelf, 2, small=15)
    await service.run(model="small")
    with pytest.raises(DoesNotFit):
        await service.run(model="small", replicas=4, gpus="0-1")
    assert (await service.show(model="small")).state == ModelState.READY
    assert (await service.run(model="small", replicas=2)).state == ModelState.READY
    assert len(service.served("small").sources) == 2


async def test_at_the_start_of_the_box_nobody_makes_room_for_anybody(shelf: Shelf):
    gpu_box(shelf, 1, small=15, large=15)
    service = shelf.service()
    await service.boot(also=["small", "large"])
    assert [card.id for card in service.cards(None)] == ["small"]
    assert (await service.show(model="large")).state == ModelState.FAILED
    with pytest.raises(ModelNotRunning, match="are missing"):
        service.served("large")
