"""When a restricted model answers: by the clock on the wall, across midnight and when it is changed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.errors import BadRequest
from appliance.policy.restrictions.hours import is_open, next_open, window_of
from tests.policy.restricting import in_force, let, refused, request

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = 31  # of August 2026


def on(day: int, time: str) -> datetime:
    hour, minute = time.split(":")
    month, day = (8, day) if day >= MONDAY else (9, day)
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment", "opens"),
    [
        ("mon-fri 08:00-18:00", on(MONDAY, "07:59"), False),
        ("mon-fri 08:00-18:00", on(MONDAY, "08:00"), True),
        ("mon-fri 08:00-18:00", on(4, "17:59"), True),
        ("mon-fri 08:00-18:00", on(4, "18:00"), False),
        ("mon-fri 08:00-18:00", on(5, "12:00"), False),
        ("MON,wed  08:00-18:00", on(2, "12:00"), True),
        ("mon,wed 08:00-18:00", on(1, "12:00"), False),
        ("fri-mon 00:00-24:00", on(6, "23:59"), True),
        ("fri-mon 00:00-24:00", on(1, "00:00"), False),
        ("22:00-06:00", on(1, "23:00"), True),
        ("22:00-06:00", on(1, "05:59"), True),
        ("22:00-06:00", on(1, "06:00"), False),
        ("mon 22:00-06:00", on(1, "05:59"), True),
        ("mon 22:00-06:00", on(MONDAY, "05:59"), False),
        ("mon 22:00-06:00", on(2, "05:59"), False),
    ],
)
def test_hours_hold_from_their_beginning_to_their_end(written, moment, opens):
    assert is_open([window_of(written)], moment) is opens


@pytest.mark.parametrize(
    ("utc", "opens"),
    [
        # The night in which the clock goes from 02:00 to 03:00.
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), True),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), False),
        # The night in which it goes from 03:00 back to 02:00: that hour comes twice, and is open twice.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), False),
    ],
)
def test_the_wall_clock_counts_when_it_is_changed(utc, opens):
    assert is_open([window_of("22:00-03:00")], utc.astimezone(BERLIN)) is opens


@pytest.mark.parametrize(
    "written",
    [
        "",
        "mon",
        "08:00",
        "8:00-18:00",
        "foo 08:00-18:00",
        "mon-tue-wed 08:00-18:00",
        "25:00-26:00",
        "08:60-09:00",
        "08:00-08:00",
        "24:00-08:00",
        "mon-fri 08:00-18:00, sat 10:00-12:00",
    ],
)
def test_what_is_no_span_of_hours_is_refused(written):
    with pytest.raises(BadRequest):
        window_of(written)


def test_no_hours_are_all_hours():
    assert is_open([], on(1, "03:00"))


def test_outside_of_the_hours_one_is_told_when_they_begin():
    rules = in_force(hours=("mon-fri 08:00-18:00",))
    let(request(), rules, local=on(4, "17:00"))
    refusal = refused(request(), rules, local=on(4, "19:00"))
    assert refusal.limit == "hours"
    assert refusal.later_s == (2 * 24 + 13) * 3600
    assert "Monday 08:00" in refusal.message


def test_several_hours_open_when_all_do():
    both = [[window_of("08:00-12:00")], [window_of("10:00-18:00")]]
    assert next_open(both, on(1, "07:00")) == on(1, "10:00")
    assert next_open(both, on(1, "13:00")) == on(2, "10:00")


def test_hours_that_never_meet_never_open():
    never = [[window_of("08:00-10:00")], [window_of("10:00-12:00")]]
    assert next_open(never, on(1, "07:00")) is None
