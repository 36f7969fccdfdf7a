"""What an operator asks of a model is done, remembered, and done again after a restart."""

import pytest

from appliance.domain.model import ModelState
from appliance.domain.running import RunWishes
from appliance.errors import BadRequest
from tests.models.conftest import Shelf
from tests.models.fakes import recipe

ASKED = {"replicas": 2, "seats": 30, "context": 32, "deterministic": True, "gpus": "none"}
WISHES = RunWishes(2, 30, 32, (), deterministic=True)


async def test_wishes_reach_the_engine_and_are_shown(shelf: Shelf):
    service = shelf.service()
    shown = await service.run(model="small", **ASKED)
    spec = shelf.factory.replicas[0].spec
    assert (spec.max_sequences, spec.context_tokens, spec.kv_tokens) == (30, 32, 960)
    assert spec.deterministic
    assert spec.batch_tokens >= spec.max_sequences
    assert shown.run is not None
    assert (shown.run.replicas, shown.run.seats, shown.run.context_tokens) == (2, 30, 32)
    assert service.served("small").context_tokens == 32
    assert service.cards(None)[0].context_tokens == 32


async def test_without_wishes_the_recipe_decides(shelf: Shelf):
    await shelf.service().run(model="small")
    spec = shelf.factory.replicas[0].spec
    assert (spec.max_sequences, spec.context_tokens, spec.threads) == (2, 64, 3)
    assert not spec.deterministic


async def test_a_context_is_never_longer_than_the_recipe_allows(shelf: Shelf):
    await shelf.service().run(model="small", context=100_000)
    assert shelf.factory.replicas[0].spec.context_tokens == recipe("small").context_tokens


async def test_wishes_are_remembered_and_used_when_the_box_starts(shelf: Shelf):
    await shelf.service().run(model="small", **ASKED)
    assert shelf.wanted.models == {"small": WISHES}
    again = shelf.service()
    await again.boot(also=["small"])
    assert len(shelf.factory.replicas) == 4
    assert shelf.factory.replicas[-1].spec == shelf.factory.replicas[0].spec


@pytest.mark.parametrize("again", [ASKED, {}])
async def test_running_it_again_with_the_same_wishes_or_none_changes_nothing(shelf: Shelf, again: dict):
    service = shelf.service()
    await service.run(model="small", **ASKED)
    assert (await service.run(model="small", **again)).state == ModelState.READY
    assert len(shelf.factory.replicas) == 2
    assert shelf.wanted.models == {"small": WISHES}


async def test_other_wishes_start_it_anew(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small", **ASKED)
    first = list(shelf.factory.made)
    await service.run(model="small", seats=4)
    assert all(process.stopped for process in first)
    assert [one.spec.max_sequences for one in shelf.factory.replicas] == [30, 30, 4]
    assert shelf.wanted.models == {"small": RunWishes(seats=4)}


async def test_gpus_that_are_no_numbers_are_refused_before_anything_stops(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    with pytest.raises(BadRequest, match="0-3"):
        await service.run(model="small", gpus="all")
    assert (await service.show(model="small")).state == ModelState.READY
