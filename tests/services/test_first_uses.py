"""Whoever uses the key of a printed card sits there from then on: at a page or at a model."""

import pytest

from appliance.errors import StorageUnavailable
from appliance.services.classes.first_uses import FirstUses
from tests.services.class_fakes import class_desk


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        yield made


@pytest.fixture
def uses(desk):
    made = FirstUses(desk.book)
    made.on_first_use(lambda seat: desk.seat_keys.take(seat, "card"))
    return made


@pytest.fixture
async def caller(desk):
    """Who has a printed card."""
    seat = await desk.seat(await desk.lesson(), key=True)
    return desk.keys.caller_of(seat.key_id)


def seat(desk):
    return desk.book.seat("monday", "ioakley")


async def test_the_first_use_of_a_card_takes_the_seat_and_the_next_changes_nothing(desk, uses, caller):
    assert seat(desk).taken_ms is None
    uses.used(caller)
    await uses.settled()
    first = seat(desk)
    assert (first.taken_ms, first.how) == (desk.clock.now_ms(), "card")
    desk.clock.time_ms += 1000
    uses.used(caller)
    await uses.settled()
    assert seat(desk) == first
    await desk.reload()
    assert seat(desk) == first


async def test_many_uses_at_the_same_moment_are_one(desk, uses, caller):
    taken = []

    async def take(one):
        taken.append(one)
        await desk.seat_keys.take(one, "card")

    uses.on_first_use(take)
    for _ in range(20):
        uses.used(caller)
    await uses.settled()
    assert len(taken) == 1


async def test_a_key_that_the_seat_has_no_more_takes_nothing(desk, uses, caller):
    await desk.seat_keys.make(desk.book.find("monday"), seat(desk), how="card", actor_name="prof")
    uses.used(caller)
    await uses.settled()
    assert seat(desk).taken_ms is None


async def test_where_the_disk_refuses_the_next_use_tries_again(desk, uses, caller):
    async def refuses(_seat):
        raise StorageUnavailable("full")

    uses.on_first_use(refuses)
    uses.used(caller)
    await uses.settled()
    uses.on_first_use(lambda one: desk.seat_keys.take(one, "card"))
    uses.used(caller)
    await uses.settled()
    assert seat(desk).taken_ms is not None


async def test_keys_of_no_class_are_nothing_to_it(desk, uses):
    issued = await desk.keys.issue(name="laptop")
    uses.used(issued.key.caller())
    await uses.settled()
