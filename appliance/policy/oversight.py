"""How far an incident goes: from a note to a hold, and down again. Pure: values in, values out."""

from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.oversight import LADDER, Incident, Level, Trip, Verdict
from appliance.policy.tripwires.wires import Wire

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
MEASURE_HOURS: Final = 24
"""After which a throttle or a hold that nobody has looked at ends by itself."""
QUIET_DAYS: Final = 7
"""Without a trip, after which an incident that nobody has looked at is over."""
VERDICT_DAYS: Final = 30
"""That a verdict holds, unless it says otherwise."""
STEP_HOURS: Final = 20
"""After which another trip of an incident that nobody has looked at raises it: once a day at the most."""
STEP_SCORES: Final = (400, 1600)
"""In percent of what a wire takes: each of them raises an incident at once."""
MANY_WARNINGS: Final = 2
"""Other incidents of the same holder, at warn or above, from which on all of them are raised one more."""


def higher(one: Level, other: Level) -> Level:
    """The one that goes further."""
    return max(one, other, key=LADDER.index)


def raised(level: Level, steps: int, most: Level) -> Level:
    """So many steps up, not beyond ``most``; never down."""
    up = LADDER[min(LADDER.index(level) + steps, LADDER.index(most))]
    return higher(level, up)


def first_level(wire: Wire, trip: Trip, *, explained: bool, warnings: int = 0) -> Level:
    """Of a new incident. ``warnings`` are others of the same holder, at warn or above, that are not
    explained.
    """
    if explained:
        return Level.NOTE
    steps = sum(trip.score >= score for score in STEP_SCORES) + (warnings >= MANY_WARNINGS)
    return raised(wire.first, steps, wire.most)


def tripped_again(
    incident: Incident, wire: Wire, trip: Trip, now_ms: int, *, explained_by: str, warnings: int = 0
) -> Incident:
    """The incident after one more trip. A verdict stands: then it is only counted."""
    counted = replace(
        incident,
        trips=incident.trips + 1,
        score=max(incident.score, trip.score),
        count=max(incident.count, trip.count),
        last_ms=max(incident.last_ms, now_ms),
    )
    if incident.verdict:
        return counted
    if explained_by:
        return _at(replace(counted, explained_by=explained_by), Level.NOTE, now_ms)
    level = first_level(wire, trip, explained=False, warnings=warnings)
    if now_ms - incident.raised_ms >= STEP_HOURS * HOUR_MS:
        level = higher(level, raised(incident.level, 1, wire.most))
    return _at(replace(counted, explained_by=""), higher(level, incident.level), now_ms)


def explained(incident: Incident, pattern: str, now_ms: int) -> Incident:
    """A project has declared what explains it: nothing but a note is left of one that nobody decided on."""
    if incident.verdict:
        return incident
    return _at(replace(incident, explained_by=pattern), Level.NOTE, now_ms)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer or lead decided. ``level`` is what an upheld incident leads to from now on."""

    verdict: Verdict
    level: Level
    reason: str
    by: str
    days: int = VERDICT_DAYS


def decided(incident: Incident, decision: Decision, now_ms: int) -> Incident:
    """The incident after a decision: what was cleared leads to nothing."""
    level = Level.NOTE if decision.verdict == "clear" else decision.level
    return replace(
        _at(incident, level, now_ms),
        state="reviewed",
        verdict=decision.verdict,
        reason=decision.reason,
        decided_by=decision.by,
        decided_ms=now_ms,
        until_ms=now_ms + decision.days * DAY_MS,
    )


def appealed(incident: Incident, why: str, now_ms: int) -> Incident:
    """The holder has asked for another look. What it leads to stays until somebody has looked."""
    return replace(incident, state="appealed", appeal=why, appealed_ms=now_ms)


def ends_ms(incident: Incident) -> int:
    """When it is over by itself, if nothing more happens."""
    if incident.until_ms is not None:
        return incident.until_ms
    if incident.level in {Level.THROTTLE, Level.HOLD}:
        return incident.raised_ms + MEASURE_HOURS * HOUR_MS
    return incident.last_ms + QUIET_DAYS * DAY_MS


def is_current(incident: Incident, now_ms: int) -> bool:
    """Whether it still counts."""
    return incident.state != "expired" and now_ms < ends_ms(incident)


def expired(incident: Incident) -> Incident:
    """The incident once it is over. One that somebody decided on stays what they made of it."""
    return incident if incident.state == "reviewed" else replace(incident, state="expired")


def goes_on(incident: Incident, wire: Wire, now_ms: int) -> bool:
    """Whether a trip after an upheld verdict is a new matter: it should go further, and a day has passed."""
    return (
        incident.verdict == "uphold"
        and LADDER.index(incident.level) < LADDER.index(wire.most)
        and now_ms - (incident.decided_ms or 0) >= STEP_HOURS * HOUR_MS
    )


def _at(incident: Incident, level: Level, now_ms: int) -> Incident:
    return incident if incident.level is level else replace(incident, level=level, raised_ms=now_ms)
