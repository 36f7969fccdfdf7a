"""Which day something belongs to, and what is told of it: UTC days, by settlement, whatever clocks do."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.domain.reporting import DAY_MS
from tests.federation.reporting_box import MONDAY_MS, PEOPLE, batches, total


def at(*moment, zone=UTC):
    return int(datetime(*moment, tzinfo=zone).timestamp() * 1000)


async def test_day_boundary(box, clock):
    """Settled in the last millisecond of a day and in the first one of the next."""
    clock.time_ms = MONDAY_MS + DAY_MS - 1
    begun = await box.use("s1", settle=False)
    await box.use("s2")
    clock.time_ms += 1
    await box.settle(begun)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    assert [(one.first_day, total(one.records)) for one in await batches(box)] == [
        ("2026-09-04", 1),
        ("2026-09-05", 1),
    ]
    assert [one.records[0].last_hour for one in await batches(box)] == [23, 0]


async def test_leap_second(box, clock):
    """There is no second 60 in the time that machines count: what it smears over is one day or the other."""
    clock.time_ms = at(2016, 12, 31, 23, 59, 59) + 999
    await box.use("s1")
    clock.time_ms = at(2017, 1, 1)
    await box.use("s1")
    clock.time_ms = at(2017, 1, 3)
    await box.composer.compose()
    assert [(one.first_day, total(one.records)) for one in await batches(box)] == [
        ("2016-12-31", 1),
        ("2017-01-01", 1),
    ]


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
async def test_daylight_saving_changes_no_day(box, clock, month, day, monkeypatch):
    """A day of 23 or 25 hours somewhere has 24 here."""
    zone = ZoneInfo("Europe/Berlin")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    for hour in (0, 12, 23):
        clock.time_ms = at(2026, month, day, hour, zone=zone)
        await box.use("s1")
    clock.time_ms += 2 * DAY_MS
    await box.composer.compose()
    found = {one.first_day: total(one.records) for one in await batches(box)}
    # Midnight in Berlin is the evening before in UTC.
    assert found == {f"2026-{month:02}-{day - 1}": 1, f"2026-{month:02}-{day}": 2}


async def test_a_clock_that_went_back_makes_another_part_of_a_day_that_was_reported(box, clock):
    await box.all_use(PEOPLE)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    clock.time_ms -= DAY_MS
    await box.all_use(PEOPLE)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    first, late = await batches(box)
    assert (first.first_day, late.first_day) == ("2026-09-04", "2026-09-04")
    assert first.records[0].adjusts == ""
    assert late.records[0].adjusts == first.records[0].id
    assert late.records[0].id != first.records[0].id
    assert total(first.records + late.records) == 24


async def test_use_under_a_clock_a_century_ahead_is_reported_under_the_day_on_which_that_ended(box, clock):
    now_ms = clock.time_ms
    clock.time_ms += 36_500 * DAY_MS
    await box.use("s1")
    clock.time_ms = now_ms
    await box.use("s1")
    await box.composer.compose()
    (batch,) = await batches(box)
    assert (batch.first_day, total(batch.records)) == ("2026-09-04", 1)


async def test_today_is_reported_early_and_the_rest_of_it_later(box, clock):
    await box.all_use(PEOPLE)
    await box.composer.compose()
    assert await batches(box) == []
    await box.composer.compose_today()
    await box.all_use(PEOPLE)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    early, rest = await batches(box)
    assert (early.first_day, rest.first_day) == ("2026-09-04", "2026-09-04")
    assert rest.records[0].adjusts == early.records[0].id


async def test_what_would_be_reported_of_today_changes_nothing(box):
    await box.use("s1")
    (made,) = await box.composer.so_far()
    assert made.batches[0].seq == 1
    assert await batches(box) == []
    await box.use("s1")
    (made,) = await box.composer.so_far()
    assert '"requests":2' in made.records[0].record


async def test_a_closed_part_never_changes(box, clock):
    await box.use("s1")
    clock.time_ms += DAY_MS
    await box.store.report_tally.close(clock.now_ms() // DAY_MS)
    (part,) = await box.store.report_tally.due()
    before = await box.store.report_tally.rows(part.number)
    clock.time_ms -= DAY_MS
    await box.use("s1")
    assert await box.store.report_tally.rows(part.number) == before
