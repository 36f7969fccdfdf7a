"""What a teacher is warned of is gathered from models, budget and seats as they are."""

from dataclasses import replace

import pytest

from appliance.domain.upstream import Price, Upstream
from appliance.services.classes.warning import ClassWarnings
from tests.models.fakes import FakeCatalog
from tests.services.class_fakes import class_desk

HOST = Upstream("lab", "https://api.example.org/v1", "m", "", Price(1, 1, 1), frozenset({"chat"}))
PLANNED = {"opened_ms": None, "models": ("tiny",)}


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        made.costs.known.add("tiny")
        yield made


@pytest.fixture
def running():
    return {"tiny"}


@pytest.fixture
def catalog():
    return FakeCatalog("tiny")


@pytest.fixture
def warnings(desk, running, catalog):
    return ClassWarnings(
        desk.book,
        answers=running.__contains__,
        names=catalog,
        budgets=desk.store.budgets,
        costs=desk.seat_costs,
        clock=desk.clock,
    )


async def test_nothing_is_wrong(desk, warnings):
    lesson = await desk.lesson(**PLANNED)
    await desk.seats(lesson, 2)
    assert await warnings.of(lesson) == ()


async def test_a_model_that_stopped_and_one_that_left_the_catalog_do_not_answer(desk, warnings, running):
    running.clear()
    found = await warnings.of(await desk.lesson(**PLANNED | {"models": ("tiny", "gone")}))
    assert [one.split()[0] for one in found] == ["tiny", "gone"]


async def test_seats_and_guests_together_over_what_the_course_may_spend(desk, warnings):
    lesson = await desk.lesson(**PLANNED, guests=1)
    await desk.seats(lesson, 2)
    # A seat may spend 50,000 tokens at two micro-credits each.
    await desk.store.budgets.set_limit("nlp", 300_000)
    assert await warnings.of(lesson) == ()
    await desk.store.budgets.set_limit("nlp", 299_999)
    (told,) = await warnings.of(lesson)
    assert told.startswith("Its seats may spend 0.3 credits together")


async def test_where_nobody_knows_the_cost_nothing_is_said_of_it(desk, warnings):
    desk.costs.known.clear()
    await desk.store.budgets.set_limit("nlp", 1)
    assert await warnings.of(await desk.lesson(**PLANNED, guests=9)) == ()


async def test_a_model_elsewhere_does_not_answer_a_class_that_is_offline(desk, warnings, catalog):
    catalog.recipes = [replace(catalog.recipes[0], upstream=HOST)]
    (told,) = await warnings.of(await desk.lesson(**PLANNED, mode="offline"))
    assert told == "tiny is hosted elsewhere, so a class of mode offline is not answered by it."
