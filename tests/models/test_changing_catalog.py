"""The catalog changes under a running box: at once for what is new, without harm to what runs."""

from dataclasses import replace

import pytest

from appliance.domain.approval import Approval
from appliance.domain.model import ModelState
from appliance.domain.people import Caller
from appliance.errors import ModelNotFound, ModelNotRunning
from tests.models.conftest import Shelf
from tests.models.fakes import recipe

ADA = Caller("k", "ada", "default")
LAB = Approval("lab", "ada")


@pytest.fixture
async def models(shelf: Shelf):
    service = shelf.service()
    yield service
    await service.close()


def put(shelf: Shelf, changed) -> None:
    others = [one for one in shelf.catalog.recipes if one.id != changed.id]
    shelf.catalog.recipes = [*others, changed]


def take_out(shelf: Shelf, id: str) -> None:
    shelf.catalog.recipes = [one for one in shelf.catalog.recipes if one.id != id]


async def test_a_recipe_that_comes_can_be_run_at_once(shelf: Shelf, models):
    put(shelf, replace(recipe("fresh"), approval=LAB))
    shown = await models.run(model="fresh")
    assert (shown.state, shown.approved_by) == ("ready", "approved by this lab")
    assert [card.approved_by for card in models.cards(ADA)] == ["approved by this lab"]


async def test_a_model_that_left_the_catalog_goes_on_is_listed_and_can_be_stopped(shelf: Shelf, models):
    await models.run(model="small")
    take_out(shelf, "small")
    assert models.served("small").identity.id == "small"
    assert models.served("small@q8")
    assert [one.id for one in models.summaries(every=False) if one.state == "ready"] == ["small"]
    assert (await models.show(model="small")).state == "ready"
    with pytest.raises(ModelNotFound):
        models.served("small@f16")
    assert (await models.stop(model="small")).state == "available"
    with pytest.raises(ModelNotFound):
        models.served("small")


async def test_a_newer_recipe_is_taken_up_when_the_model_is_run_again(shelf: Shelf, models):
    await models.run(model="small")
    put(shelf, replace(recipe("small"), revision=2))
    assert (await models.show(model="small")).revision == 1
    assert models.served("small").identity.recipe_revision == 1
    assert (await models.run(model="small")).revision == 2
    assert models.served("small").identity.recipe_revision == 2


async def test_a_word_that_only_got_older_starts_nothing_anew(shelf: Shelf, models):
    signed = Approval("catalog", "north", "targets")
    put(shelf, replace(recipe("small"), approval=signed))
    await models.run(model="small")
    (running,) = models.present
    put(shelf, replace(recipe("small"), approval=replace(signed, freshness="stale")))
    await models.run(model="small")
    assert models.present == (running,)


async def test_what_the_lab_withdraws_ends_and_stays_down(shelf: Shelf, models):
    put(shelf, replace(recipe("own"), approval=LAB))
    await models.run(model="own")
    await models.run(model="small")
    take_out(shelf, "own")
    await models.end_withdrawn({"own"})
    assert models.served("own")
    await models.end_withdrawn(set())
    assert [one.id for one in models.present] == ["small"]
    assert list(shelf.wanted.models) == ["small"]
    with pytest.raises(ModelNotFound):
        models.served("own")


async def test_a_lab_that_withdraws_its_own_gives_a_draft_its_name_back(shelf: Shelf, models):
    put(shelf, replace(recipe("own"), approval=LAB))
    await models.run(model="own")
    put(shelf, replace(recipe("own"), draft=True, forms=(replace(recipe("own").forms[0], files=()),)))
    await models.end_withdrawn(set())
    with pytest.raises(ModelNotRunning):
        models.served("own")
    (line,) = [one for one in models.summaries(every=True) if one.id == "own"]
    assert (line.state, line.approved_by) == (ModelState.AVAILABLE, "nobody yet: it is a draft")
