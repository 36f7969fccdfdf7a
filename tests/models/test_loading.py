"""A model that loads says how far it is, and when to ask again."""

import asyncio
from collections.abc import Awaitable

import pytest

from appliance.errors import ModelLoading
from appliance.services.models.progress import eta_s, part_done, percent_of, retry_after_s
from tests.models.conftest import Shelf


async def until(shelf: Shelf, replicas: int) -> None:
    async with asyncio.timeout(5):
        while len(shelf.factory.replicas) < replicas:
            await asyncio.sleep(0)


async def loading(shelf: Shelf) -> tuple[object, Awaitable]:
    """A service with a model whose two workers load; its files are hashed."""
    service = shelf.service()
    shelf.factory.gate.clear()
    running = asyncio.ensure_future(service.run(model="small", replicas=2))
    async with asyncio.timeout(5):
        while not shelf.factory.preparers:
            await asyncio.sleep(0)
    shelf.factory.preparers[0].let_start.set()
    await until(shelf, 2)
    return service, running


async def test_a_request_to_a_loading_model_is_told_how_far_it_is(shelf: Shelf):
    service, running = await loading(shelf)
    shelf.clock.at_s += 30
    shelf.factory.replicas[0].loading_part = 0.5
    shelf.factory.replicas[1].loading_part = 0.1
    with pytest.raises(ModelLoading) as caught:
        service.served("small")
    assert caught.value.details == {"loading": {"state": "loading", "percent": 51, "eta_s": 29}}
    assert caught.value.retry_after_s == 29
    shown = await service.show(model="small")
    assert (shown.percent, shown.eta_s) == (51, 29)
    assert [one.percent for one in (await service.list_models(all=False)).models] == [51, None, None, None]
    shelf.factory.gate.set()
    await running
    assert (await service.show(model="small")).percent is None


async def test_it_takes_requests_as_soon_as_one_replica_is_ready(shelf: Shelf):
    service, running = await loading(shelf)
    shelf.factory.replicas[1].let_start.set()
    async with asyncio.timeout(5):
        while not service.cards(None):
            await asyncio.sleep(0)
    assert service.served("small").identity.id == "small"
    assert not running.done()
    shelf.factory.gate.set()
    await running


def test_progress_in_numbers():
    assert part_done(0.0, []) == 0
    assert part_done(1.0, []) == 0.3
    assert part_done(1.0, [1.0, 1.0]) == 1.0
    assert percent_of(1.0) == 99
    assert eta_s(0.01, 10.0) is None
    assert eta_s(0.25, 10.0) == 30
    assert [retry_after_s(eta) for eta in (None, 0, 7, 900)] == [5, 1, 7, 60]
