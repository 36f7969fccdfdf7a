"""When the next sync is due: kept over restarts, never all boxes at once, never before the registry wants."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.federation import SyncTimes
from appliance.errors import StorageUnavailable
from appliance.outbound.switch import Switch
from appliance.services.federation.keeping import BEGIN_S, LOOK_S, Keeping
from appliance.services.federation.schedule import (
    HOUR_MS,
    LONGEST_WAIT_MS,
    SHORTEST_WAIT_MS,
    after_failure,
    after_success,
    due_in_ms,
)
from tests.federation.syncing_box import START_MS, MovedClock, RecordedLog

NOW = START_MS
CHANCES = st.floats(0, 1, exclude_max=True)


@given(CHANCES)
def test_after_a_good_sync_the_next_is_within_a_tenth_of_its_hours(chance):
    times = after_success(NOW, every_h=6, chance=chance, words="")
    assert 5.4 * HOUR_MS <= times.next_ms - NOW <= 6.6 * HOUR_MS
    assert (times.failures, times.good_ms) == (0, NOW)


@given(st.integers(0, 10_000), CHANCES)
def test_after_failures_it_waits_up_to_twice_as_long_each_time_and_at_most_six_hours(failures, chance):
    wait_ms = after_failure(SyncTimes(failures=failures), NOW, chance=chance, words="").next_ms - NOW
    most_ms = min(60_000 * 2 ** min(failures, 20), LONGEST_WAIT_MS)
    assert SHORTEST_WAIT_MS <= wait_ms <= max(most_ms, SHORTEST_WAIT_MS)


def test_the_wait_is_spread_over_all_of_its_time():
    waits = {
        after_failure(SyncTimes(failures=3), NOW, chance=tenth / 10, words="").next_ms - NOW
        for tenth in range(10)
    }
    assert waits == {SHORTEST_WAIT_MS, *(48_000 * tenth for tenth in range(1, 10))}


def test_retry_after_is_honored():
    times = after_failure(SyncTimes(), NOW, chance=0, words="", retry_after_s=7200)
    assert times.next_ms == NOW + 2 * HOUR_MS


def test_a_good_sync_is_remembered_through_failures():
    times = after_success(NOW, every_h=6, chance=0, words="")
    failed = after_failure(times, NOW + 5, chance=0, words="no")
    assert (failed.good_ms, failed.last_ms, failed.outcome) == (NOW, NOW + 5, "no")


@pytest.mark.parametrize(
    ("next_ms", "wait_ms"),
    [
        (0, 0),
        (NOW - 1, 0),
        (NOW + 5, 5),
        (NOW + 24 * HOUR_MS, 24 * HOUR_MS),
        # Set by a clock that stood in 2099, and was mended.
        (NOW + 10**12, 0),
    ],
)
def test_what_is_due(next_ms, wait_ms):
    assert due_in_ms(SyncTimes(next_ms=next_ms), NOW, every_h=6) == wait_ms


def test_zero_hours_means_by_hand():
    assert due_in_ms(SyncTimes(), NOW, every_h=0) is None


class Syncs:
    def __init__(self):
        self.count = 0
        self.raises = None

    async def sync(self):
        self.count += 1
        if self.raises:
            raise self.raises


class Disk:
    def __init__(self, **given):
        self.kept = SyncTimes(**given)

    async def times(self):
        return self.kept


class Who:
    membership = object()


def keeping(disk, syncs, *, who=None, every_h=6, switch=None, sleep=asyncio.sleep):
    return Keeping(
        syncs, disk, who or Who(), every_h=every_h, switch=switch or Switch(), clock=MovedClock(),
        log=RecordedLog(), sleep=sleep,
    )  # fmt: skip


async def test_a_sync_that_is_due_is_made():
    syncs = Syncs()
    await keeping(Disk(), syncs).step()
    assert syncs.count == 1


async def test_one_that_is_not_due_is_looked_at_again_in_time():
    syncs = Syncs()
    assert await keeping(Disk(next_ms=NOW + 5000), syncs).step() == 5
    assert await keeping(Disk(next_ms=NOW + HOUR_MS), syncs).step() == LOOK_S
    assert syncs.count == 0


async def test_a_box_that_belongs_to_nobody_asks_nobody():
    syncs, nobody = Syncs(), Who()
    nobody.membership = None
    await keeping(Disk(), syncs, who=nobody).step()
    assert syncs.count == 0


async def test_by_hand_there_is_no_background():
    syncs = Syncs()
    await keeping(Disk(), syncs, every_h=0).run()
    assert syncs.count == 0


async def test_an_offline_box_syncs_nothing_that_is_due():
    syncs = Syncs()
    assert await keeping(Disk(), syncs, switch=Switch(setting=True)).step() == LOOK_S
    assert syncs.count == 0


async def test_a_box_that_comes_back_syncs_at_once_though_nothing_is_due_and_only_once():
    syncs, switch = Syncs(), Switch()
    await switch.set(True, "ann", NOW)
    slept: asyncio.Queue[float] = asyncio.Queue()

    async def sleep(wait_s):
        await slept.put(wait_s)
        if wait_s != BEGIN_S:
            await asyncio.Event().wait()

    kept = keeping(Disk(next_ms=NOW + HOUR_MS), syncs, switch=switch, sleep=sleep)
    task = asyncio.create_task(kept.run())
    assert [await slept.get(), await slept.get(), syncs.count] == [BEGIN_S, LOOK_S, 0]
    await switch.set(False, "ann", NOW)
    await slept.get()
    assert syncs.count == 1
    await kept.step()
    assert syncs.count == 1
    task.cancel()


async def test_a_disk_that_refuses_does_not_end_the_background():
    syncs = Syncs()
    syncs.raises = StorageUnavailable("Full.")
    assert await keeping(Disk(), syncs).step() == LOOK_S


async def test_the_background_goes_on_until_it_is_cancelled():
    syncs, slept, enough = Syncs(), [], asyncio.Event()

    async def sleep(wait_s):
        slept.append(wait_s)
        if len(slept) == 4:
            enough.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(keeping(Disk(), syncs, sleep=sleep).run())
    await enough.wait()
    task.cancel()
    assert syncs.count == 3
