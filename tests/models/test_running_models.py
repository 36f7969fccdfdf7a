"""Models are verified, started, found by name or alias, stopped, and come back after a restart."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import Sampling
from appliance.domain.model import ModelState
from appliance.domain.people import Caller
from appliance.domain.recipe import RecipeFile
from appliance.engines.base import Generate
from appliance.errors import IntegrityFailed, ModelNotFound, ModelNotRunning, ReplicaFailed
from appliance.services.queue import Share
from tests.models.conftest import Shelf
from tests.models.fakes import FakeWanted

CALLER = Caller("k", "p", "default")


async def test_a_model_that_runs_is_found_by_its_name_and_by_its_forms_alias(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    assert service.served("small").identity.id == "small"
    assert service.served("small@q8").identity.id == "small"
    assert [card.id for card in service.cards(CALLER)] == ["small"]


async def test_another_form_is_another_model(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small@f16")
    assert service.served("small@f16").identity.id == "small@f16"
    with pytest.raises(ModelNotRunning, match="carrel model run small"):
        service.served("small")


@pytest.mark.parametrize("name", ["nothing", "small@q2", "../etc/passwd", "", "x" * 300, "small\n"])
async def test_an_unknown_name_is_not_found(shelf: Shelf, name: str):
    with pytest.raises(ModelNotFound):
        shelf.service().served(name)


async def test_the_identity_of_a_model_is_of_all_its_files(shelf: Shelf):
    recipe = shelf.catalog.recipes[0]
    weights = [RecipeFile("model.safetensors", 10, digit * 64) for digit in "cd"]
    config = RecipeFile("config.json", 10, "b" * 64)
    forms = tuple(
        replace(recipe.forms[0], name=f"f{n}", files=(config, one)) for n, one in enumerate(weights)
    )
    shelf.catalog.recipes[0] = replace(recipe, forms=forms)
    service = shelf.service()
    for name in ("small", "small@f1"):
        await service.run(model=name)
    assert service.served("small").identity.file_sha256 != service.served("small@f1").identity.file_sha256


async def test_files_are_verified_before_any_process_starts(shelf: Shelf):
    shelf.weights.damaged.add("small-q8.gguf")
    service = shelf.service()
    with pytest.raises(IntegrityFailed):
        await service.run(model="small")
    assert shelf.factory.made == []
    assert (await service.show(model="small")).state == ModelState.FAILED
    assert list(shelf.wanted.models) == []


async def test_a_model_whose_process_will_not_start_shows_why_and_can_be_tried_again(shelf: Shelf):
    shelf.factory.failing.add("small")
    service = shelf.service()
    with pytest.raises(ReplicaFailed):
        await service.run(model="small")
    assert (await service.show(model="small")).reason == "The model's process would not start."
    assert all(process.stopped for process in shelf.factory.made)
    shelf.factory.failing.clear()
    assert (await service.run(model="small")).state == ModelState.READY


async def test_running_twice_starts_once(shelf: Shelf):
    service = shelf.service()
    await asyncio.gather(service.run(model="small"), service.run(model="small@q8"))
    assert len(shelf.factory.made) == 2


async def test_what_ran_runs_again_and_one_that_fails_does_not_hold_up_the_others(shelf: Shelf):
    shelf.wanted = FakeWanted("gone", "large", "small")
    shelf.factory.failing.add("large")
    service = shelf.service()
    assert not service.settled
    await service.boot(also=["small"])
    assert service.settled
    assert service.unwell == ("large",)
    assert service.served("small").identity.id == "small"


async def test_a_loading_model_is_not_ready_and_says_so(shelf: Shelf):
    shelf.factory.gate.clear()
    service = shelf.service()
    booting = asyncio.ensure_future(service.boot(also=["small"]))
    async with asyncio.timeout(5):
        while not shelf.factory.made:
            await asyncio.sleep(0)
    with pytest.raises(ModelNotRunning, match="loading"):
        service.served("small")
    assert not service.settled
    shelf.factory.gate.set()
    await booting
    assert service.settled


async def test_a_stopped_model_is_gone_and_stays_gone(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    assert list(shelf.wanted.models) == ["small"]
    assert (await service.stop(model="small")).state == ModelState.AVAILABLE
    assert all(process.stopped for process in shelf.factory.made)
    assert list(shelf.wanted.models) == []


async def test_the_box_going_down_forgets_nothing(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    await service.close()
    assert all(process.stopped for process in shelf.factory.made)
    assert list(shelf.wanted.models) == ["small"]


async def test_a_replica_that_failed_for_good_refuses_and_fails_those_who_wait(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    shelf.factory.replicas[0].fail("It died five times.")
    service.changed()
    with pytest.raises(ModelNotRunning, match="five times"):
        service.served("small")


def _wait_for(shelf: Shelf, model: str) -> asyncio.Future:
    work = Generate(1, (1,), 4, Sampling(0.0, 1.0, 0, 0.0, 0))
    place = shelf.queue.join(model, work, [], Share(CALLER))
    return asyncio.ensure_future(place.take_turn(lambda _news: None))


async def test_who_waits_for_a_model_that_failed_or_is_stopped_is_told(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    for end in (service.changed, None):
        waiting = _wait_for(shelf, "small")
        await asyncio.wait([waiting], timeout=0.01)
        if end is None:
            await service.stop(model="small")
        else:
            shelf.factory.replicas[0].fail("It died.")
            end()
        with pytest.raises(ModelNotRunning):
            await waiting


async def test_the_list_holds_what_is_on_disk_or_with_all_the_whole_catalog(shelf: Shelf):
    shelf.weights.missing.update({"large-q8.gguf", "large-f16.gguf", "small-f16.gguf"})
    service = shelf.service()
    assert [line.id for line in (await service.list_models(all=False)).models] == ["small"]
    everything = (await service.list_models(all=True)).models
    assert [line.id for line in everything] == ["small", "small@f16", "large", "large@f16"]
    assert [line.on_disk for line in everything] == [True, False, False, False]
