"""A model that makes vectors is started as one, keeps no KV cache, and says what it is."""

from dataclasses import replace

import pytest

from appliance.domain.people import Caller
from appliance.domain.running import RunWishes
from appliance.policy.placement import Wishes, plan
from appliance.policy.placement.needs import needs_of
from appliance.services.models.specification import WAITING_TOKENS, planner_wishes
from tests.models.conftest import Shelf
from tests.placement.machines_for_tests import EIGHT_B, GIB, box


@pytest.fixture
def shelf(shelf: Shelf) -> Shelf:
    """``small`` makes vectors, ``large`` answers."""
    first, *others = shelf.catalog.recipes
    vectors = replace(first, pooling="last", add_eos=True, chat_template=None)
    shelf.catalog.recipes = [vectors, *others]
    return shelf


async def test_its_processes_are_told_how_to_pool(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    await service.run(model="large")

    specs = [one.spec for one in shelf.factory.replicas]
    assert [(one.pooling, one.add_eos) for one in specs] == [("last", True), ("", False)]
    assert [(one.spec.pooling, one.spec.add_eos) for one in shelf.factory.preparers] == [
        ("last", True),
        ("", False),
    ]


async def test_it_is_served_and_listed_as_one_that_embeds(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    await service.run(model="large")

    assert (service.served("small").embeds, service.served("small").embedding_size) == (True, 16)
    assert not service.served("large").embeds
    cards = {card.id: card for card in service.cards(Caller("k", "p", "default"))}
    assert (cards["small"].embeds, cards["small"].chats) == (True, False)
    assert (cards["large"].embeds, cards["large"].chats) == (False, True)


async def test_many_texts_may_wait_in_its_worker_however_short_its_context(shelf: Shelf):
    service = shelf.service()
    await service.run(model="small")
    await service.run(model="large")

    assert [one.spec.kv_tokens for one in shelf.factory.replicas] == [WAITING_TOKENS, 64 * 2]


async def test_memory_is_planned_for_one_pass_and_not_for_seats(shelf: Shelf):
    recipe = shelf.catalog.recipes[0]
    wishes = planner_wishes(replace(recipe, context_tokens=8192), RunWishes(seats=30), gpu_layers=-1)
    answering = planner_wishes(
        replace(recipe, context_tokens=8192, pooling=""), RunWishes(seats=30), gpu_layers=-1
    )

    assert (wishes.kv_tokens, wishes.pass_tokens) == (8192, 8192)
    assert (answering.kv_tokens, answering.pass_tokens) == (30 * 8192, 512)


def test_a_short_context_is_read_in_passes_of_the_usual_size():
    assert Wishes(seats=4, context_tokens=64, whole_texts=True).pass_tokens == 512


def test_vectors_of_many_seats_fit_where_answers_would_not():
    wishes = Wishes(seats=64, context_tokens=8192)

    assert not plan(EIGHT_B, wishes, box(24, host_gib=16)).fits
    found = plan(EIGHT_B, replace(wishes, whole_texts=True), box(24, host_gib=16))
    assert found.fits
    assert found.seats == 64
    needs = needs_of(EIGHT_B.sizes, replace(wishes, whole_texts=True))
    assert needs.whole_bytes < 20 * GIB
    assert needs.buffer_bytes > 8192 * 4 * EIGHT_B.sizes.vocabulary
