"""A seat has one key that works; what it has left goes from one to the next."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.classes import SeatCaps
from appliance.domain.people import KeyLimits
from appliance.domain.usage import Meters, Outcome
from appliance.errors import (
    BadRequest,
    BudgetExhausted,
    Conflict,
    NotAuthenticated,
    NotFound,
    StorageUnavailable,
)
from tests.services.class_fakes import HOUR_MS, NOON_MS, class_desk


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        yield desk


async def make(desk, seat, how="card", **more):
    return await desk.seat_keys.make(
        desk.book.require(seat.class_id), seat, how=how, actor_name="prof", **more
    )


async def test_a_key_is_of_its_seat_and_ends_with_the_class_and_its_grace(desk):
    lesson = await desk.lesson(caps=SeatCaps(1000, 2, 30, 400), grace_min=10)
    made = await make(desk, await desk.seat(lesson))
    caller = await desk.keys.authenticate(made.secret)
    assert (caller.person_id, caller.project_id) == ("ioakley", "nlp")
    assert made.key.expires_ms == lesson.ends_ms + 600_000
    assert made.key.limits == KeyLimits(requests_per_minute=30, tokens_per_minute=400, running=2)
    assert await desk.limit_of(made.key.id) == (2000, 2000)
    assert desk.book.sitting(caller).seat.key_id == made.key.id
    desk.clock.time_ms = lesson.keys_end_ms
    with pytest.raises(NotAuthenticated, match="expired"):
        await desk.keys.authenticate(made.secret)


async def test_a_printed_key_takes_no_seat_until_it_is_used(desk):
    seat = await desk.seat(await desk.lesson(), key=True)
    assert (seat.taken_ms, seat.how) == (None, "")
    taken = await desk.seat_keys.take(seat, "card")
    assert (taken.taken_ms, taken.how) == (NOON_MS, "card")
    desk.clock.time_ms += HOUR_MS
    assert await desk.seat_keys.take(seat, "list") == taken
    await desk.reload()
    assert desk.book.seat("monday", "ioakley") == taken


async def test_who_joins_sits_there_at_once_and_still_does_with_another_key(desk):
    seat = await desk.seat(await desk.lesson())
    await make(desk, seat, how="list")
    await make(desk, seat, how="card")
    joined = desk.book.seat("monday", "ioakley")
    assert (joined.taken_ms, joined.how) == (NOON_MS, "list")


async def test_another_key_ends_the_one_before_and_has_what_is_left(desk):
    lesson = await desk.lesson(caps=SeatCaps(tokens=1000))
    seat = await desk.seat(lesson)
    first = await make(desk, seat)
    ended = []
    desk.keys.on_revoked(ended.append)
    await desk.uses(first.key.id, micro=700)
    second = await make(desk, seat)
    assert ended == [first.key.id]
    assert await desk.limit_of(second.key.id) == (1300, 1300)
    with pytest.raises(NotAuthenticated):
        await desk.keys.authenticate(first.secret)
    with pytest.raises(BudgetExhausted):
        await desk.uses(second.key.id, micro=1301)
    third = await make(desk, seat)
    assert await desk.limit_of(third.key.id) == (1300, 1300)


async def test_a_seat_that_was_released_goes_on_with_what_it_had(desk):
    lesson = await desk.lesson(caps=SeatCaps(tokens=1000))
    seat = await desk.seat(lesson)
    first = await make(desk, seat, how="list")
    await desk.uses(first.key.id, micro=1500)
    free = await desk.seat_keys.end(seat)
    assert (free.key_id, free.taken_ms, free.how) == (None, None, "")
    with pytest.raises(NotAuthenticated):
        await desk.keys.authenticate(first.secret)
    again = await make(desk, seat, how="list", only_free=True)
    assert await desk.limit_of(again.key.id) == (500, 500)


async def test_what_runs_is_charged_before_it_is_asked_what_is_left(desk):
    lesson = await desk.lesson(caps=SeatCaps(tokens=1000))
    seat = await desk.seat(lesson)
    first = (await make(desk, seat)).key.id
    request = await desk.uses(first, micro=900, ends=False)
    desk.runs.running[first] = asyncio.Event()
    making = asyncio.ensure_future(make(desk, seat))
    while first not in desk.runs.waited:
        await asyncio.sleep(0)
    await desk.store.ledger.settle(request, Outcome.CANCELLED, Meters(gflop=100))
    desk.runs.running[first].set()
    second = await making
    assert await desk.limit_of(second.key.id) == (1900, 1900)


async def test_what_is_still_held_counts_as_spent(desk):
    lesson = await desk.lesson(caps=SeatCaps(tokens=1000))
    seat = await desk.seat(lesson)
    first = (await make(desk, seat)).key.id
    await desk.uses(first, micro=900, ends=False)
    assert await desk.limit_of((await make(desk, seat)).key.id) == (1100, 1100)


async def test_no_cap_is_no_limit(desk):
    seat = await desk.seat(await desk.lesson(caps=SeatCaps(tokens=0)))
    assert await desk.limit_of((await make(desk, seat)).key.id) is None


async def test_a_cap_of_a_model_that_nobody_knows_the_cost_of_is_refused_with_what_to_do(desk):
    seat = await desk.seat(await desk.lesson(models=("unknown@q4",)))
    with pytest.raises(BadRequest, match=r"carrel model run unknown@q4.*--seat-tokens 0"):
        await make(desk, seat)
    assert desk.book.seat("monday", "ioakley").key_id is None


async def test_of_two_who_claim_a_seat_at_once_one_gets_it(desk):
    seat = await desk.seat(await desk.lesson())
    claims = await asyncio.gather(
        *(make(desk, seat, how="list", only_free=True) for _ in range(5)), return_exceptions=True
    )
    refused = [one for one in claims if isinstance(one, Conflict)]
    assert len(refused) == 4
    assert "ask your teacher" in refused[0].message
    assert len(await desk.store.keys.all()) == 1


async def test_thirty_keys_are_one_commit_and_each_is_of_its_seat(desk):
    lesson = await desk.lesson()
    seats = await desk.seats(lesson, 30)
    made = await desk.seat_keys.make_all(lesson, seats, how="card", actor_name="prof")
    callers = [await desk.keys.authenticate(one.secret) for one in made]
    assert [one.person_id for one in callers] == [one.person_id for one in seats]
    await desk.seat_keys.make_all(lesson, seats, how="card", actor_name="prof")
    assert len(desk.book.keys_of("monday")) == 60
    assert sum(one.revoked_ms is None for one in await desk.store.keys.all()) == 30


async def test_a_class_that_is_over_gets_no_keys(desk):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson)
    desk.clock.time_ms = lesson.ends_ms
    with pytest.raises(Conflict, match="over"):
        await make(desk, seat)
    gone = await desk.seat(await desk.lesson("tuesday", over_ms=NOON_MS))
    with pytest.raises(Conflict, match="over"):
        await make(desk, gone)


async def test_a_seat_that_is_not_there_is_told(desk):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson)
    other = await desk.lesson("tuesday")
    with pytest.raises(NotFound):
        await desk.seat_keys.make(other, replace(seat, class_id="tuesday"), how="card", actor_name="prof")


async def test_no_secret_is_in_the_log(desk):
    made = await make(desk, await desk.seat(await desk.lesson()))
    assert made.secret not in str(desk.log.records)
    assert desk.log.records[-1] == (
        "info",
        "seat_keys",
        {"lesson": "monday", "who": "prof", "how": "card", "keys": 1},
    )


async def test_where_the_disk_refuses_the_key_before_works_no_more_and_there_is_no_other(desk):
    seat = await desk.seat(await desk.lesson())
    first = await make(desk, seat)
    desk.store.close()
    with pytest.raises(StorageUnavailable):
        await make(desk, seat)
    with pytest.raises(NotAuthenticated):
        await desk.keys.authenticate(first.secret)
