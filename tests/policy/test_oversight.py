"""How far an incident goes, step by step, and how it ends."""

from dataclasses import replace

import pytest

from appliance.domain.oversight import Incident, Level, Trip
from appliance.policy.oversight import (
    Decision,
    appealed,
    decided,
    ends_ms,
    expired,
    explained,
    first_level,
    goes_on,
    is_current,
    tripped_again,
)
from appliance.policy.tripwires.wires import WIRES, Wire, declared_by_kind, explanation

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 20_000 * DAY
WIRE = Wire("w", "", "", 10, Level.WARN, Level.HOLD, "", ("templated",))


def incident(level: Level = Level.WARN, **more: object) -> Incident:
    made = Incident("inc_1", "w", "ada", "ada", "p", "key_1", level, 100, 10, 1, NOW, NOW, NOW)
    return replace(made, **more)


def again(before: Incident, *, after_ms: int = 0, score: int = 100, wire: Wire = WIRE, **more: object):
    more = {"explained_by": "", **more}
    return tripped_again(before, wire, Trip("w", score, score // 10), NOW + after_ms, **more)


@pytest.mark.parametrize(
    ("score", "level"),
    [(100, Level.WARN), (399, Level.WARN), (400, Level.THROTTLE), (1599, Level.THROTTLE), (1600, Level.HOLD)],
)
def test_much_more_than_it_takes_goes_further_at_once(score, level):
    assert first_level(WIRE, Trip("w", score, 1), explained=False) is level
    assert first_level(WIRE, Trip("w", score, 1), explained=True) is Level.NOTE


def test_no_wire_goes_beyond_its_own_most():
    low = replace(WIRE, first=Level.NOTE, most=Level.WARN)
    assert first_level(low, Trip("w", 10**6, 1), explained=False, warnings=9) is Level.WARN
    assert again(incident(Level.WARN), score=10**6, after_ms=30 * DAY, wire=low).level is Level.WARN


def test_several_warnings_of_one_holder_raise_each_other():
    assert first_level(WIRE, Trip("w", 100, 1), explained=False, warnings=1) is Level.WARN
    assert first_level(WIRE, Trip("w", 100, 1), explained=False, warnings=2) is Level.THROTTLE


def test_what_nobody_looks_at_is_raised_once_a_day():
    assert again(incident(), after_ms=20 * HOUR - 1).level is Level.WARN
    next_day = again(incident(), after_ms=20 * HOUR)
    assert (next_day.level, next_day.raised_ms) == (Level.THROTTLE, NOW + 20 * HOUR)
    assert again(next_day, after_ms=40 * HOUR - 1).level is Level.THROTTLE
    assert again(next_day, after_ms=40 * HOUR).level is Level.HOLD


def test_a_trip_adds_to_the_counts_and_never_lowers_a_level():
    before = incident(Level.HOLD, score=2000, count=200)
    after = again(before, after_ms=60_000)
    assert (after.level, after.score, after.count, after.trips) == (Level.HOLD, 2000, 200, 2)
    assert (after.first_ms, after.last_ms, after.raised_ms) == (NOW, NOW + 60_000, NOW)


def test_what_a_project_declared_makes_a_note_of_it_until_somebody_has_decided():
    assert again(incident(Level.HOLD), explained_by="templated").level is Level.NOTE
    assert explained(incident(Level.HOLD), "templated", NOW).explained_by == "templated"
    upheld = decided(incident(Level.HOLD), Decision("uphold", Level.HOLD, "Yes.", "rev"), NOW)
    assert explained(upheld, "templated", NOW) is upheld
    assert again(upheld, explained_by="templated").level is Level.HOLD


def test_a_cleared_incident_leads_to_nothing_while_the_verdict_holds():
    cleared = decided(incident(Level.HOLD), Decision("clear", Level.HOLD, "A study.", "rev"), NOW)
    assert (cleared.level, cleared.state, cleared.until_ms) == (Level.NOTE, "reviewed", NOW + 30 * DAY)
    assert again(cleared, after_ms=5 * DAY, score=10**5).level is Level.NOTE
    assert is_current(cleared, NOW + 30 * DAY - 1)
    assert not is_current(cleared, NOW + 30 * DAY)


def test_an_upheld_incident_is_a_new_matter_where_it_goes_on():
    upheld = decided(incident(), Decision("uphold", Level.WARN, "Yes.", "rev", days=3), NOW)
    assert again(upheld, after_ms=HOUR, score=10**5).level is Level.WARN
    assert not goes_on(upheld, WIRE, NOW + 20 * HOUR - 1)
    assert goes_on(upheld, WIRE, NOW + 20 * HOUR)
    assert not goes_on(replace(upheld, level=Level.HOLD), WIRE, NOW + DAY)
    assert not goes_on(replace(upheld, verdict="clear"), WIRE, NOW + DAY)


@pytest.mark.parametrize("level", [Level.THROTTLE, Level.HOLD])
def test_a_measure_that_nobody_has_looked_at_ends_after_a_day(level):
    one = incident(level, raised_ms=NOW, last_ms=NOW + 23 * HOUR)
    assert is_current(one, NOW + 24 * HOUR - 1)
    assert not is_current(one, NOW + 24 * HOUR)
    assert not is_current(appealed(one, "It is a study.", NOW + HOUR), NOW + 24 * HOUR)
    assert expired(one).state == "expired"


def test_a_note_ends_after_a_quiet_week():
    one = incident(Level.NOTE, last_ms=NOW + DAY)
    assert is_current(one, NOW + 8 * DAY - 1)
    assert not is_current(one, NOW + 8 * DAY)


def test_an_appeal_changes_nothing_until_somebody_has_looked_again():
    one = appealed(incident(Level.HOLD), "It is a study.", NOW + HOUR)
    assert (one.state, one.level, one.appealed_ms) == ("appealed", Level.HOLD, NOW + HOUR)
    upheld = decided(incident(Level.HOLD), Decision("uphold", Level.HOLD, "Yes.", "rev", days=9), NOW)
    assert ends_ms(appealed(upheld, "No.", NOW + DAY)) == NOW + 9 * DAY
    assert decided(one, Decision("clear", Level.HOLD, "Right.", "rev"), NOW + HOUR).state == "reviewed"


def test_what_somebody_decided_on_stays_what_they_made_of_it():
    reviewed = decided(incident(), Decision("clear", Level.WARN, "Fine.", "rev"), NOW)
    assert expired(reviewed) is reviewed


def test_no_wire_begins_above_a_warning_and_only_what_looks_like_theft_or_content_holds():
    assert all(wire.first in {Level.NOTE, Level.WARN} for wire in WIRES)
    assert {wire.id for wire in WIRES if wire.most is Level.HOLD} == {
        "logprob-harvest",
        "many-addresses",
        "classifier",
    }


def test_a_project_declares_by_its_kind_and_by_name():
    near_equal = next(wire for wire in WIRES if wire.id == "near-equal")
    assert explanation(near_equal, declared_by_kind("course")) == "course"
    assert explanation(near_equal, declared_by_kind("evaluation")) == "evaluation"
    assert explanation(near_equal, declared_by_kind("research")) == ""
    assert explanation(near_equal, ["bulk", "near-equal"]) == "near-equal"
    addresses = next(wire for wire in WIRES if wire.id == "many-addresses")
    assert explanation(addresses, ["course", "evaluation", "templated", "bulk"]) == ""
