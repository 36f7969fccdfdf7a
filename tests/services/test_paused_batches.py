"""A batch that an operator holds up begins no line, forgets none, and ends later by as long."""

import asyncio

import pytest

from appliance.domain.batches import BatchStatus
from appliance.errors import Conflict
from appliance.services.batches.batches import WINDOW_MS
from tests.services.overnight_fakes import ADA, BOB, FakeRun
from tests.services.test_batches import lines, never

HOUR_MS = 3_600_000


async def nothing_more_happens() -> None:
    """All that is ready to run has run."""
    for _ in range(50):
        await asyncio.sleep(0)


class Gated:
    """A run waits for its gate, in the queue where ``dispatched`` is false, and is then answered."""

    def __init__(self, *, dispatched: bool = True) -> None:
        self.gate = asyncio.Event()
        self.dispatched = dispatched

    async def __call__(self, run: FakeRun) -> None:
        run.dispatched = self.dispatched
        if not self.dispatched:
            await never(run)
            return
        await self.gate.wait()
        await run.finish()


async def test_what_is_computed_comes_to_its_end_and_nothing_begins_until_it_goes_on(nights):
    nights.lines_at_once = 2
    nights.restarted()
    nights.box.script = gated = Gated()
    batch = await nights.batch(lines(*"abcde"))
    await nights.box.began(2)
    await nothing_more_happens()
    paused = await nights.service.pause(batch.id)
    assert (paused.status, paused.paused_ms) == (BatchStatus.IN_PROGRESS, nights.clock.time_ms)
    await nothing_more_happens()
    gated.gate.set()
    await nothing_more_happens()
    assert [one.cancelled.is_set() for one in nights.box.runs] == [False, False]
    assert nights.batches.rows[batch.id].counts.completed == 2
    await nights.service.resume(batch.id)
    over = await nights.batches.status(batch.id, "completed")
    assert [one["custom_id"] for one in nights.content(over.output_file_id)] == ["c0", "c1", "c2", "c3", "c4"]
    assert len(nights.batches.charged) == 5


async def test_a_line_that_waits_goes_back_and_is_charged_once_later(nights):
    nights.box.script = Gated(dispatched=False)
    batch = await nights.batch(lines("a"))
    await nights.box.began(1)
    await nights.service.pause(batch.id)
    await nothing_more_happens()
    assert nights.box.tasks == set()
    nights.box.script = None
    await nights.service.resume(batch.id)
    over = await nights.batches.status(batch.id, "completed")
    assert (over.counts.completed, len(nights.batches.charged)) == (1, 1)


async def test_it_goes_on_although_its_last_lines_have_not_ended_yet(nights):
    nights.lines_at_once = 1
    nights.restarted()
    nights.box.script = gated = Gated()
    batch = await nights.batch(lines("a", "b"))
    await nights.box.began(1)
    await nights.service.pause(batch.id)
    await nights.service.resume(batch.id)
    gated.gate.set()
    assert (await nights.batches.status(batch.id, "completed")).counts.completed == 2


async def test_one_whose_last_lines_were_computed_has_nothing_to_wait_for(nights):
    nights.box.script = gated = Gated()
    batch = await nights.batch(lines("a", "b"))
    await nights.box.began(2)
    await nothing_more_happens()
    await nights.service.pause(batch.id)
    gated.gate.set()
    over = await nights.batches.status(batch.id, "completed")
    assert (over.counts.completed, over.paused_ms) == (2, None)


async def test_other_batches_go_on(nights):
    nights.box.script = gated = Gated()
    held_up = await nights.batch(lines("a"))
    await nights.box.began(1)
    await nights.service.pause(held_up.id)
    other = await nights.batch(lines("b", "c"), BOB)
    gated.gate.set()
    await nights.batches.status(other.id, "completed")


async def test_its_hours_stand_still(nights):
    nights.box.script = Gated(dispatched=False)
    batch = await nights.batch(lines("a"))
    await nights.box.began(1)
    await nights.service.pause(batch.id)
    nights.clock.time_ms += 2 * WINDOW_MS
    nights.service.tick()
    await nothing_more_happens()
    assert nights.batches.rows[batch.id].status is BatchStatus.IN_PROGRESS
    resumed = await nights.service.resume(batch.id)
    assert resumed.expires_ms == batch.expires_ms + 2 * WINDOW_MS
    nights.service.tick()
    await nothing_more_happens()
    assert nights.batches.rows[batch.id].status is BatchStatus.IN_PROGRESS
    nights.clock.time_ms += WINDOW_MS
    nights.service.tick()
    await nights.batches.status(batch.id, "expired")


async def test_the_next_start_knows(nights):
    nights.box.script = never
    batch = await nights.batch(lines("a", "b"))
    await nights.box.began(2)
    await nights.service.pause(batch.id)
    async with asyncio.timeout(5):
        await nights.service.close()
    nights.box.script = None
    assert await nights.restarted().start() == 1
    await nothing_more_happens()
    assert len(nights.box.runs) == 2
    nights.clock.time_ms += HOUR_MS
    resumed = await nights.service.resume(batch.id)
    assert resumed.expires_ms == batch.expires_ms + HOUR_MS
    assert (await nights.batches.status(batch.id, "completed")).counts.completed == 2


async def test_one_that_is_checked_is_checked_and_then_waits(nights):
    batch = await nights.batch(lines("a"))
    await nights.service.pause(batch.id)
    await nights.batches.status(batch.id, "in_progress")
    await nothing_more_happens()
    assert nights.box.runs == []
    await nights.service.resume(batch.id)
    await nights.batches.status(batch.id, "completed")


async def test_it_can_be_cancelled_and_its_key_can_end(nights):
    nights.box.script = Gated(dispatched=False)
    mine, theirs = await nights.batch(lines("a")), await nights.batch(lines("a"), BOB)
    await nights.box.began(2)
    for one in (mine, theirs):
        await nights.service.pause(one.id)
    assert (await nights.service.cancel(ADA, mine.id)).paused_ms is None
    nights.service.end_of_key(BOB.key_id)
    assert (await nights.batches.status(mine.id, "cancelled")).paused_ms is None
    assert (await nights.batches.status(theirs.id, "failed")).paused_ms is None


async def test_twice_is_once(nights):
    nights.box.script = never
    batch = await nights.batch(lines("a"))
    await nights.box.began(1)
    first = await nights.service.pause(batch.id)
    nights.clock.time_ms += HOUR_MS
    assert await nights.service.pause(batch.id) == first
    resumed = await nights.service.resume(batch.id)
    assert resumed.expires_ms == batch.expires_ms + HOUR_MS
    assert await nights.service.resume(batch.id) == resumed


async def test_one_that_is_being_cancelled_is_neither_held_up_nor_goes_on(nights):
    nights.box.script = never
    batch = await nights.batch(lines("a"))
    await nights.box.began(1)
    await nights.service.cancel(ADA, batch.id)
    for verb in (nights.service.pause, nights.service.resume):
        with pytest.raises(Conflict, match="cancelling"):
            await verb(batch.id)
    for run in nights.box.runs:
        run.cancelled.set()
    await nights.batches.status(batch.id, "cancelled")
