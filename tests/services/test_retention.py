"""What was kept long enough ends, on the day on which it should and not a day sooner."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.decision import Decided, DecisionCount
from appliance.domain.oversight import Incident, Level
from appliance.errors import StorageUnavailable
from appliance.policy.retention import DAY_MS, Periods, Record, rules
from appliance.services.privacy.retention import STEP, Retention
from appliance.store.store import Store
from tests.services.audit_box import Noted

PERIODS = Periods(usage=5, decisions=3, incidents=4, samples=2, reports=6, logs=7)


@pytest.fixture
def store(tmp_path, clock):
    opened = Store.open(tmp_path / "data" / "carrel.db", clock)
    yield opened
    opened.close()


class Steps:
    """Ends ten things, a step at a time; remembers from when they were."""

    def __init__(self, left=0):
        self.left = left
        self.asked = []

    async def __call__(self, before_ms, limit):
        self.asked.append((before_ms, limit))
        ended, self.left = min(self.left, limit), max(0, self.left - limit)
        return ended


async def nothing():
    pass


def retention(clock, steps, noted=None, periods=PERIODS, wipe=nothing):
    return Retention(rules(periods), steps, wipe=wipe, clock=clock, log=noted or Noted())


async def test_days_are_whole_days_of_utc_counted_from_today(clock):
    steps = Steps()
    await retention(clock, {Record.USAGE: steps}).tidy()
    today_ms = clock.now_ms() - clock.now_ms() % DAY_MS
    assert steps.asked == [(today_ms - 5 * DAY_MS, STEP)]
    assert steps.asked[0][0] < clock.now_ms() - 5 * DAY_MS


async def test_it_works_in_steps_until_nothing_is_left(clock):
    steps = Steps(left=2 * STEP + 7)
    done = await retention(clock, {Record.DECISIONS: steps}).tidy()
    assert done == {Record.DECISIONS: 2 * STEP + 7}
    assert len(steps.asked) == 3


async def test_what_it_did_is_one_line_of_the_log_without_names(clock):
    noted = Noted()
    await retention(clock, {Record.DECISIONS: Steps(left=3), Record.USAGE: Steps()}, noted).tidy()
    assert noted.records == [("retention", {"decisions": 3})]


async def test_it_works_at_the_start_and_then_once_a_day(clock):
    steps, slept = Steps(), []

    async def sleep(seconds):
        slept.append(seconds)
        clock.time_ms += int(seconds * 1000)
        if len(slept) == 72:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await retention(clock, {Record.USAGE: steps}).run(sleep)
    assert len({before for before, _ in steps.asked}) == len(steps.asked) == 4


async def test_once_an_hour_what_was_deleted_is_off_the_disk(clock):
    wiped, slept = [], []

    async def wipe():
        wiped.append(clock.now_ms())

    async def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 5:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await retention(clock, {}, wipe=wipe).run(sleep)
    assert (len(wiped), set(slept)) == (5, {3600.0})


async def test_what_the_disk_refused_is_tried_again(clock):
    asked = []

    async def refuse(before_ms, _limit):
        asked.append(before_ms)
        if len(asked) < 3:
            raise StorageUnavailable("full")
        return 0

    async def sleep(_seconds):
        if len(asked) == 3:
            raise asyncio.CancelledError

    noted = Noted()
    with pytest.raises(asyncio.CancelledError):
        await retention(clock, {Record.USAGE: refuse}, noted).run(sleep)
    assert [event for event, _ in noted.records] == ["retention_failed", "retention_failed", "retention"]


async def test_what_was_deleted_is_wiped_from_the_disk(clock):
    wiped = []

    async def wipe():
        wiped.append(True)

    await retention(clock, {}, wipe=wipe).tidy()
    assert wiped == [True]


async def test_the_table_is_told_with_its_oldest_day(clock):
    shown = {one.record: one for one in (await retention(clock, {}).show()).rules}
    assert (shown["usage"].days, shown["usage"].oldest) == (5, "2026-09-16")
    assert (shown["audit"].days, shown["audit"].oldest) == (None, "")
    assert set(shown) == {one.value for one in Record}


def incident(number, last_ms, **changes):
    one = Incident(
        id=f"inc_{number}", wire="burst", holder="ada", person_id="ada", project_id="default", key_id="key_1",
        level=Level.NOTE, score=100, count=1, trips=1, first_ms=1, last_ms=last_ms, raised_ms=1,
    )  # fmt: skip
    return replace(one, **changes)


async def left(store, table):
    return await store._reader.run(
        lambda database: [row["id"] for row in database.query(f"SELECT id FROM {table} ORDER BY rowid")]
    )


async def test_incidents_go_after_they_were_closed_and_appeals_wait(store, clock):
    day = DAY_MS
    await store.incidents.save(
        [
            incident(1, 10 * day),
            incident(2, 10 * day, decided_ms=20 * day),
            incident(3, 10 * day, state="appealed", appealed_ms=10 * day),
            incident(4, 10 * day, until_ms=30 * day),
            incident(5, 15 * day - 1),
        ]
    )
    assert await store.expiring.expire("incidents", 15 * day, 1) == 1
    assert await store.expiring.expire("incidents", 15 * day, 9) == 1
    assert await left(store, "incident") == ["inc_2", "inc_3", "inc_4"]


async def test_decisions_go_with_their_minute(store):
    decided = [
        Decided(minute, "refused", "access", "tier", "", "key_1", "ada", "p", "m") for minute in range(4)
    ]
    await store.decisions.add([DecisionCount(one, 1, one.minute_ms) for one in decided])
    assert await store.expiring.expire("decisions", 3, STEP) == 3
    assert [one.decided.minute_ms for one in await store.decisions.list(since_ms=0, limit=9)] == [3]


async def test_every_record_that_ends_has_somebody_who_ends_it(store):
    ends = {rule.record for rule in rules(PERIODS) if rule.days is not None}
    by_rows = {
        Record.DECISIONS,
        Record.INCIDENTS,
        Record.SAMPLES,
        Record.REPORTS,
        Record.ALERTS,
        Record.SESSIONS,
    }
    for record in by_rows:
        assert await store.expiring.expire(record.value, 0, STEP) == 0
    elsewhere = {Record.USAGE, Record.LOGS, Record.FILES, Record.SAMPLE_CONTENT, Record.TALLIES}
    assert ends - by_rows == elsewhere
