"""A class that is closed is over for good: what runs hears why and is charged, then no key works."""

import asyncio

import pytest

from appliance.domain.people import Caller
from appliance.errors import NotAuthenticated, NotFound, StorageUnavailable
from tests.services.class_fakes import NOON_MS, class_desk
from tests.services.class_teaching import Teaching


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def teaching(desk):
    return Teaching(desk)


async def test_a_class_that_is_closed_has_no_keys_and_no_door(teaching, desk):
    lesson = await desk.lesson(plain=True)
    await desk.door.open(lesson)
    await desk.seats(lesson, 2, key=True)
    ended = []
    desk.keys.on_revoked(ended.append)
    told = await teaching.closing.close(name="monday")
    assert (told.state, told.over_ms, told.plain_address) == ("over", NOON_MS, "")
    assert len(ended) == 2
    assert teaching.over == ["monday"]
    with pytest.raises(NotAuthenticated):
        await desk.keys.authenticate(desk.made.secret)
    assert all(one.revoked_ms == NOON_MS for one in await desk.store.keys.all())
    await desk.reload()
    assert desk.book.require("monday").over_ms == NOON_MS


async def test_what_runs_is_told_why_before_its_key_goes(teaching, desk):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson, key=True)
    desk.runs.running[seat.key_id] = settled = asyncio.Event()
    closing = asyncio.ensure_future(teaching.closing.close(name="monday"))
    while seat.key_id not in desk.runs.waited:
        await asyncio.sleep(0)
    (refused,) = desk.runs.ended
    assert "over" in refused(Caller(seat.key_id, "ioakley", "nlp")).message
    assert refused(Caller("key_other", "prof", "nlp")) is None
    assert desk.keys.works(seat.key_id)
    settled.set()
    await closing
    assert not desk.keys.works(seat.key_id)


async def test_closing_twice_is_closing_once(teaching, desk):
    await desk.lesson()
    first = await teaching.closing.close(name="monday")
    desk.clock.time_ms += 5000
    assert (await teaching.closing.close(name="monday")).over_ms == first.over_ms


async def test_other_classes_and_keys_go_on(teaching, desk):
    other = await desk.seat(await desk.lesson("tuesday"), "ada", key=True)
    await desk.lesson()
    own = await desk.keys.issue(name="own", project="nlp", person="ada")
    await teaching.closing.close(name="monday")
    assert desk.keys.works(other.key_id)
    assert desk.keys.works(own.key.id)
    with pytest.raises(NotFound):
        await teaching.closing.close(name="tuesday", project="art")


async def test_where_the_disk_refuses_the_class_goes_on(teaching, desk):
    seat = await desk.seat(await desk.lesson(), key=True)
    desk.store.close()
    with pytest.raises(StorageUnavailable):
        await teaching.closing.close(name="monday")
    assert desk.keys.works(seat.key_id)
    assert desk.book.require("monday").over_ms is None
