"""What a project owes, since when, until when, and whom it waits for."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.domain.duties import NOTHING_OWED, DutyFacts, DutyRecord, DutyState, Level, Owed, OwedDuty
from appliance.policy.duties.levels import level_of
from appliance.policy.duties.table import DUTIES, GRACE_AT_ALL, GRACE_MS, Duty
from appliance.policy.duties.wording import next_step, waits_for


def decide(facts: DutyFacts, now_ms: int) -> Owed:
    """All duties of a project's level. What is asked for makes them owed, only what was used overdue."""
    tags = facts.project.tags
    reached = level_of(facts.compute, tags, facts.requested_gflop)
    if reached.level is Level.D0:
        return NOTHING_OWED
    used = level_of(facts.compute, tags).level
    trained = level_of(replace(facts.compute, inference_gflop=0), tags).level
    duties = tuple(
        _owed(row, level, facts, now_ms, used=used, trained=trained)
        for row in DUTIES
        if (level := row.from_level(facts.project.kind)) is not None and level <= reached.level
    )
    return Owed(reached.level, reached.because, duties)


def _owed(row: Duty, level: Level, facts: DutyFacts, now_ms: int, *, used: Level, trained: Level) -> OwedDuty:
    records = _about(row, facts.records)
    counting = [one for one in records if one.counts(now_ms)]
    if counting or _evident(row, facts):
        until_ms = max((one.until_ms for one in counting if one.until_ms is not None), default=None)
        return OwedDuty(row.name, level, "fulfilled", until_ms=until_ms)
    since_ms = _since_ms(level, facts, records, now_ms) if level <= used else None
    due_ms = None if since_ms is None else since_ms + _grace_ms(level, trained)
    waiting = next((one for one in reversed(records) if _waits(one)), None)
    return OwedDuty(
        row.name,
        level,
        _state(due_ms, now_ms, submitted=waiting is not None),
        since_ms,
        due_ms,
        waits_for=waits_for(facts, waiting),
        next_step=next_step(row, facts, waiting),
    )


def _about(row: Duty, records: Sequence[DutyRecord]) -> list[DutyRecord]:
    names = {row.name} | {one.name for one in DUTIES if row.name in one.covers}
    return [one for one in records if one.duty in names]


def _evident(row: Duty, facts: DutyFacts) -> bool:
    """What can be seen without anybody writing it down."""
    if row.name == "conduct":
        return facts.conduct_signed
    return row.name == "description" and bool(facts.project.purpose.strip())


def _waits(one: DutyRecord) -> bool:
    return one.accepted_ms is None and one.withdrawn_ms is None


def _since_ms(level: Level, facts: DutyFacts, records: Sequence[DutyRecord], now_ms: int) -> int:
    """When it was crossed, or when the last that counted ran out."""
    crossed_ms = facts.reached.get(level, now_ms)
    ends = (one.until_ms for one in records if one.accepted_ms is not None and one.withdrawn_ms is None)
    return max([crossed_ms, *(one for one in ends if one is not None)])


def _grace_ms(level: Level, trained: Level) -> int:
    """None for what was trained on purpose; use that grows crosses a threshold unseen."""
    return GRACE_MS if level <= GRACE_AT_ALL or level > trained else 0


def _state(due_ms: int | None, now_ms: int, *, submitted: bool) -> DutyState:
    if due_ms is not None and now_ms >= due_ms:
        return "overdue"
    return "submitted" if submitted else "owed"
