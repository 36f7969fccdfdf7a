"""A model runs in several processes and answers while one of them does."""

import asyncio

import pytest

from appliance.domain.generation import Sampling
from appliance.domain.model import ModelState
from appliance.engines.base import Failed, Generate
from appliance.errors import ModelNotRunning, ReplicaFailed
from tests.models.conftest import Shelf

WORK = Generate(1, (1,), 4, Sampling(0.0, 1.0, 0, 0.0, 0))


async def test_every_replica_is_a_source_and_one_preparer_serves_them_all(shelf: Shelf):
    service = shelf.service()
    shown = await service.run(model="small", replicas=3)
    assert list(service.served("small").sources) == shelf.factory.replicas
    assert len(shelf.factory.replicas) == len(shown.replicas) == 3
    assert len(shelf.factory.preparers) == 1


async def test_replicas_share_the_threads_and_each_has_one_at_least(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small", replicas=2)
    await service.run(model="large", replicas=5)
    assert [one.spec.threads for one in shelf.factory.replicas] == [1] * 7
    await service.run(model="small", replicas=1)
    assert shelf.factory.replicas[-1].spec.threads == 3


async def test_a_model_is_ready_while_one_replica_is(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small", replicas=2)
    first, second = shelf.factory.replicas
    first.fail("It died five times.")
    service.changed()
    shown = await service.show(model="small")
    assert shown.state == ModelState.READY
    assert shown.reason == "1 of 2 replicas do not answer. It died five times."
    assert service.served("small").identity.id == "small"
    second.state = ModelState.RESTARTING
    assert (await service.show(model="small")).state == ModelState.RESTARTING
    second.fail("It died five times.")
    assert (await service.show(model="small")).state == ModelState.FAILED
    with pytest.raises(ModelNotRunning, match="five times"):
        service.served("small")


async def test_a_replica_that_will_not_start_does_not_keep_the_others_from_it(shelf: Shelf):
    shelf.factory.failing_replicas = {0}
    service = shelf.service()
    shown = await service.run(model="small", replicas=2)
    assert shown.state == ModelState.READY
    assert [one.state for one in shown.replicas] == ["failed", "ready"]
    assert service.served("small").capacity.sequences == 2


async def test_a_model_of_which_no_replica_starts_has_failed(shelf: Shelf):
    shelf.factory.failing_replicas = {0, 1}
    with pytest.raises(ReplicaFailed):
        await shelf.service().run(model="small", replicas=2)
    assert all(one.stopped for one in shelf.factory.made)


async def test_a_request_that_comes_to_its_turn_after_the_model_ended_fails_at_once(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small", replicas=2)
    sources = service.served("small").sources
    assert len(sources) == 2
    assert sources[0] is shelf.factory.replicas[0]
    await service.stop(model="small")
    (ended,) = sources
    assert ended.free.sequences > 0
    (event,) = [event async for event in ended.open(WORK)]
    assert isinstance(event, Failed)
    assert event.code == ModelNotRunning.code


async def test_a_stop_ends_a_model_that_loads(shelf: Shelf):
    shelf.factory.gate.clear()
    service = shelf.service()
    running = asyncio.ensure_future(service.run(model="small", replicas=2))
    async with asyncio.timeout(5):
        while not shelf.factory.preparers:
            await asyncio.sleep(0)
        shown = await service.stop(model="small")
    assert shown.state == ModelState.AVAILABLE
    with pytest.raises(ReplicaFailed):
        await running
    assert all(one.stopped for one in shelf.factory.made)
