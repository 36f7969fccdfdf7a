"""Times of a class as people write them, in the box's zone and across changes of its clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import BadRequest
from appliance.policy.classes.times import ends_at, starts_at

BERLIN = ZoneInfo("Europe/Berlin")


def ms(text, zone=BERLIN):
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


NOW = ms("2026-10-01T09:50")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10:10", "2026-10-01T10:10"),
        ("9:55", "2026-10-01T09:55"),
        ("09:10", "2026-10-01T09:10"),
        ("08:45", "2026-10-02T08:45"),
        ("2026-11-03", "2026-11-03T00:00"),
        ("2026-11-03T08:30", "2026-11-03T08:30"),
        ("2026-11-03 8:30", "2026-11-03T08:30"),
        (" 10:10 ", "2026-10-01T10:10"),
    ],
)
def test_a_beginning_is_read_as_it_is_meant(text, found):
    assert starts_at(text, NOW, BERLIN) == ms(found)


def test_none_is_at_once_and_no_end():
    assert starts_at("none", NOW, BERLIN) is None
    with pytest.raises(BadRequest, match="--minutes"):
        ends_at("None", NOW, BERLIN)


@pytest.mark.parametrize(
    ("text", "begins", "found"),
    [
        ("11:40", "2026-10-01T10:10", "2026-10-01T11:40"),
        ("10:10", "2026-10-01T10:10", "2026-10-02T10:10"),
        ("00:30", "2026-10-01T23:00", "2026-10-02T00:30"),
        ("2026-10-01", "2026-10-01T10:10", "2026-10-02T00:00"),
        ("2026-10-03T12:00", "2026-10-01T10:10", "2026-10-03T12:00"),
    ],
)
def test_an_end_is_after_the_beginning_and_a_day_counts_whole(text, begins, found):
    assert ends_at(text, ms(begins), BERLIN) == ms(found)


@pytest.mark.parametrize("reads", [starts_at, ends_at])
@pytest.mark.parametrize(
    "text",
    [
        "", "24:00", "10:60", "10", "10.10", "tomorrow", "2026-13-01", "2026-02-30", "2026-10-01T25:00",
        "0000-01-01", "2026-10-01T10:10:10Z", "\u0661\u0660:\u0661\u0660", "2026-10-01T10:10+02:00",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(reads, text):
    with pytest.raises(BadRequest, match="a time such as 10:10"):
        reads(text, NOW, BERLIN)


def test_a_day_beyond_the_calendar_is_refused():
    with pytest.raises(BadRequest):
        ends_at("9999-12-31", NOW, BERLIN)


def test_a_night_of_summer_time_is_an_hour_shorter_or_longer():
    spring, autumn = ms("2027-03-28T00:30"), ms("2026-10-25T00:30")
    assert ends_at("06:00", spring, BERLIN) - spring == 4.5 * 3_600_000
    assert ends_at("06:00", autumn, BERLIN) - autumn == 6.5 * 3_600_000


def test_a_time_that_no_clock_shows_is_refused_and_of_two_the_first_is_meant():
    with pytest.raises(BadRequest, match="No clock here shows 2027-03-28T02:30"):
        starts_at("2027-03-28T02:30", NOW, BERLIN)
    twice = starts_at("2026-10-25T02:30", NOW, BERLIN)
    assert datetime.fromtimestamp(twice / 1000, UTC).hour == 0
    assert starts_at("02:30", ms("2027-03-28T01:50"), BERLIN) == ms("2027-03-29T02:30")


@given(
    st.integers(min_value=1_700_000_000_000, max_value=2_000_000_000_000),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_an_end_is_within_two_days_and_shows_what_was_written(begins, hour, minute, zone):
    zone = ZoneInfo(zone)
    end = ends_at(f"{hour}:{minute:02d}", begins, zone)
    assert begins < end <= begins + 2 * 25 * 3_600_000
    shown = datetime.fromtimestamp(end / 1000, zone)
    assert (shown.hour, shown.minute) == (hour, minute)


def test_the_zone_of_the_machine_is_taken_where_none_is_given():
    local = datetime.fromtimestamp(starts_at("10:10", NOW, None) / 1000)  # noqa: DTZ006 - the machine's own
    assert (local.hour, local.minute) == (10, 10)
