"""A model that is lent runs for one task of the box: nobody else sees it, and it is gone afterwards."""

import asyncio

import pytest

from appliance.domain.hardware import GpuProcess
from appliance.domain.model import ModelState
from appliance.domain.people import Caller
from appliance.domain.running import RunWishes
from appliance.errors import DoesNotFit, IntegrityFailed, ModelNotRunning, NotReady
from tests.models.conftest import Shelf

CALLER = Caller("k", "p", "default")
ALONE = RunWishes(replicas=1, seats=1, context_tokens=32)


async def test_a_lent_model_runs_as_it_is_wished_and_is_gone_afterwards(shelf: Shelf):
    service = shelf.service()
    async with service.lend("small@f16", ALONE) as model:
        assert model.identity.id == "small@f16"
        assert model.context_tokens == 32
        assert shelf.factory.replicas[0].spec.max_sequences == 1
    assert service.present == ()
    assert all(process.stopped for process in shelf.factory.made)
    assert list(shelf.wanted.models) == []


async def test_nobody_else_is_served_by_it(shelf: Shelf):
    service = shelf.service()
    await service.boot()
    async with service.lend("small", ALONE):
        assert service.cards(CALLER) == []
        with pytest.raises(ModelNotRunning, match="carrel model run small"):
            service.served("small")
        assert "measurement" in ((await service.show(model="small")).reason or "")


async def test_the_box_is_ready_while_a_lent_model_loads(shelf: Shelf):
    service = shelf.service()
    await service.boot()
    shelf.factory.gate.clear()
    lending = asyncio.ensure_future(service.lend("small", ALONE).__aenter__())
    async with asyncio.timeout(5):
        while not shelf.factory.made:
            await asyncio.sleep(0)
    assert service.settled
    assert service.unwell == ()
    lending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lending


async def test_a_model_that_runs_is_lent_as_it_is_and_goes_on(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    async with service.lend("small", ALONE) as model:
        assert model.context_tokens == 64
        assert [card.id for card in service.cards(CALLER)] == ["small"]
    assert service.served("small").identity.id == "small"
    assert len(shelf.factory.replicas) == 1


async def test_a_borrower_that_leaves_while_it_loads_leaves_nothing_behind(shelf: Shelf):
    service = shelf.service()
    shelf.factory.gate.clear()
    lending = asyncio.ensure_future(service.lend("small", ALONE).__aenter__())
    async with asyncio.timeout(5):
        while not shelf.factory.made:
            await asyncio.sleep(0)
    lending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lending
    assert service.present == ()
    assert all(process.stopped for process in shelf.factory.made)


async def test_a_model_that_will_not_start_says_why_and_leaves_nothing_behind(shelf: Shelf):
    shelf.weights.damaged.add("small-q8.gguf")
    service = shelf.service()
    with pytest.raises(IntegrityFailed):
        await service.lend("small", ALONE).__aenter__()
    assert (await service.show(model="small")).state == ModelState.AVAILABLE


async def test_no_model_is_stopped_for_one_that_is_lent(shelf: Shelf):
    for name in ("small", "large"):
        shelf.catalog.weigh(name, 6 * 2**30)
    shelf.machine.give_gpus(1, 8 * 2**30)
    service = shelf.service()
    await service.run(model="small")
    shelf.machine.taken = lambda: {0: (GpuProcess(42, "python", 6 * 2**30, ours=True),)}
    with pytest.raises(DoesNotFit):
        await service.lend("large", RunWishes(gpus=(0,))).__aenter__()
    assert service.served("small").identity.id == "small"


async def test_a_lent_model_is_not_stopped_for_room(shelf: Shelf):
    service = shelf.service()
    async with service.lend("small", ALONE):
        (lent,) = service.present
        assert not service._idle(lent)


async def test_running_it_meanwhile_starts_it_anew_for_everybody(shelf: Shelf):
    service = shelf.service()
    async with service.lend("small", ALONE):
        await service.run(model="small")
        assert service.served("small").context_tokens == 64
    assert service.served("small").identity.id == "small"
    assert list(shelf.wanted.models) == ["small"]


async def test_a_box_that_is_stopping_lends_nothing(shelf: Shelf):
    service = shelf.service()
    await service.close()
    with pytest.raises(NotReady):
        await service.lend("small", ALONE).__aenter__()
    assert shelf.factory.made == []
