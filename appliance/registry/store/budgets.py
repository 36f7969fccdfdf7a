"""What boxes may compute within some days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.registry.store.database import Session

_SET: Final = """
INSERT INTO box_budget (box, first_day, last_day, limit_micro, set_s)
VALUES (:box, :first_day, :last_day, :limit_micro, :now_s)
ON CONFLICT (box, first_day) DO UPDATE SET
    last_day = excluded.last_day, limit_micro = excluded.limit_micro, set_s = excluded.set_s
"""
_ON: Final = """
SELECT box, first_day, last_day, limit_micro FROM box_budget
WHERE box = :box AND first_day <= :day AND last_day >= :day ORDER BY first_day DESC LIMIT 1
"""
_REPORTED: Final = """
SELECT sum(CAST(credits_micro AS DOUBLE PRECISION)) AS micro FROM use_of_box
WHERE box = :box AND day BETWEEN :first_day AND :last_day
"""


@dataclass(frozen=True, slots=True)
class BoxBudget:
    """Days are UTC days, both within it; ``box`` is the number of the box."""

    box: int
    first_day: str
    last_day: str
    limit_micro: int


def put(session: Session, budget: BoxBudget, now_s: int) -> None:
    """In place of the one that begins on the same day."""
    session.run(
        _SET,
        {
            "box": budget.box,
            "first_day": budget.first_day,
            "last_day": budget.last_day,
            "limit_micro": budget.limit_micro,
            "now_s": now_s,
        },
    )


def on(session: Session, box: int, day: str) -> BoxBudget | None:
    """The one that counts on a day; None: there is no limit."""
    row = session.one(_ON, {"box": box, "day": day})
    return BoxBudget(**row) if row else None


def reported_micro(session: Session, budget: BoxBudget) -> int:
    """How much of it was reported as used."""
    days = {"first_day": budget.first_day, "last_day": budget.last_day}
    values: dict[str, str | int] = {"box": budget.box, **days}
    row = session.one(_REPORTED, values)
    return round(row["micro"] or 0) if row else 0


def all_of(session: Session) -> Sequence[BoxBudget]:
    """Every one, by box."""
    rows = session.rows(
        "SELECT box, first_day, last_day, limit_micro FROM box_budget ORDER BY box, first_day"
    )
    return [BoxBudget(**row) for row in rows]
