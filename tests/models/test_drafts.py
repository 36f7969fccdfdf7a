"""A draft is listed as what it is, and is not run."""

from dataclasses import replace

import pytest

from appliance.domain.recipe import MemoryFacts
from appliance.errors import ModelNotFound
from appliance.services.models.whereabouts import Whereabouts
from tests.models.conftest import Shelf

FACTS = MemoryFacts(7_000, 2, 4, 16, 256, 7_000)


@pytest.fixture
def drafts(shelf: Shelf):
    """The shelf, on which the large model is a draft."""
    shelf.catalog.recipes = tuple(
        replace(one, draft=True, forms=(replace(one.forms[0], files=(), memory=FACTS),))
        if one.id == "large"
        else one
        for one in shelf.catalog.recipes
    )
    return shelf.service()


async def test_a_draft_is_not_run(drafts):
    with pytest.raises(ModelNotFound, match="carrel model fit large"):
        await drafts.run(model="large")


async def test_a_draft_is_listed_with_the_size_it_will_have(drafts):
    (line,) = [one for one in (await drafts.list_models(all=True)).models if one.id == "large"]
    assert "draft" in line.reason
    assert line.size_bytes == 7_000
    assert "draft" in (await drafts.show(model="large")).reason


async def test_processes_are_found_by_their_gpu_and_their_pid(shelf: Shelf):
    shelf.machine.give_gpus(2, 24 * 2**30)
    service = shelf.service()
    places = Whereabouts(lambda: service.present)
    assert (places.models_on(1), places.worker_pids()) == ((), frozenset())
    await service.run(model="small", gpus="1")
    shelf.factory.replicas[0].pid = 4321
    assert (places.models_on(0), places.models_on(1)) == ((), ("small",))
    assert places.worker_pids() == {4321}
