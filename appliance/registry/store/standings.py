"""Whether the right of a box to a model stands. Leases of one right share its place in the status list, so
that what is taken back is taken back whichever paper it was written on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from appliance.registry.store.counters import next_number, next_of
from appliance.registry.store.database import Session

Value = Literal["valid", "revoked", "suspended"]
_NUMBERS: Final[Mapping[Value, int]] = {"valid": 0, "revoked": 1, "suspended": 2}
_VALUES: Final[Mapping[int, Value]] = {number: value for value, number in _NUMBERS.items()}
_INSERT: Final = """
INSERT INTO standing (number, box, model, value, reason, changed_s)
VALUES (:number, :box, :model, 0, '', :now_s)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """``number`` is its place in the status list."""

    number: int
    value: Value
    reason: str


def insert(session: Session, box: int, model: str, now_s: int) -> Standing:
    """A new one, which is valid."""
    number = next_number(session, "standing", first=0)
    session.run(_INSERT, {"number": number, "box": box, "model": model, "now_s": now_s})
    return Standing(number, "valid", "")


def newest(session: Session, box: int, model: str) -> Standing | None:
    """The one that counts; None: the box never had a lease of the model."""
    row = session.one(
        """
        SELECT number, value, reason FROM standing WHERE box = :box AND model = :model
        ORDER BY number DESC LIMIT 1
        """,
        {"box": box, "model": model},
    )
    return Standing(row["number"], _VALUES[row["value"]], row["reason"]) if row else None


def change(session: Session, number: int, value: Value, reason: str, now_s: int) -> None:
    """One right."""
    session.run(
        "UPDATE standing SET value = :value, reason = :reason, changed_s = :now_s WHERE number = :number",
        {"number": number, "value": _NUMBERS[value], "reason": reason, "now_s": now_s},
    )


def change_all(
    session: Session, box: int, *, old: Value, new: Value, reason: str, now_s: int, only: str | None = None
) -> int:
    """Every right of a box that stands at ``old``, with ``only`` of those that stand there for that reason;
    how many these were.
    """
    return session.run(
        """
        UPDATE standing SET value = :new, reason = :reason, changed_s = :now_s
        WHERE box = :box AND value = :old AND (:every = 1 OR reason = :only)
        """,
        {
            "box": box,
            "old": _NUMBERS[old],
            "new": _NUMBERS[new],
            "reason": reason,
            "now_s": now_s,
            "every": int(only is None),
            "only": only or "",
        },
    )


def marked(session: Session) -> Mapping[int, Value]:
    """All that are not valid."""
    rows = session.rows("SELECT number, value FROM standing WHERE value <> 0")
    return {row["number"]: _VALUES[row["value"]] for row in rows}


def count_of(session: Session, box: int) -> int:
    """How many a box has, or had."""
    row = session.one("SELECT count(*) AS n FROM standing WHERE box = :box", {"box": box})
    return int(row["n"]) if row else 0


def count(session: Session) -> int:
    """How many places the status list has."""
    return next_of(session, "standing", first=0)
