"""What was agreed with institutions: which models their boxes may lease, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.registry.store.database import Session
from appliance.registry.store.policies import ANY

_SELECT: Final = """
SELECT agreement.id, institution.name AS institution, agreement.model, agreement.from_s, agreement.until_s,
    agreement.ended_s, agreement.note
FROM agreement JOIN institution ON institution.number = agreement.institution
"""
_INSERT: Final = """
INSERT INTO agreement (id, institution, model, from_s, until_s, ended_s, note)
VALUES (:id, :institution, :model, :from_s, :until_s, NULL, :note)
"""
_UNTIL: Final = """
SELECT max(until_s) AS until_s FROM agreement
WHERE institution = :institution AND model IN (:model, :any) AND ended_s IS NULL
    AND from_s <= :now_s AND until_s > :now_s
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """``institution`` is its name; ``model`` ``*``: every one. ``ended_s``: it was ended before its time."""

    id: str
    institution: str
    model: str
    from_s: int
    until_s: int
    ended_s: int | None
    note: str


def insert(
    session: Session, id: str, *, institution: int, model: str, from_s: int, until_s: int, note: str
) -> None:
    """A new one."""
    session.run(
        _INSERT,
        {
            "id": id,
            "institution": institution,
            "model": model,
            "from_s": from_s,
            "until_s": until_s,
            "note": note,
        },
    )


def end(session: Session, id: str, now_s: int) -> bool:
    """False: there is none of that id that still runs."""
    sql = "UPDATE agreement SET ended_s = :now_s WHERE id = :id AND ended_s IS NULL"
    return session.run(sql, {"id": id, "now_s": now_s}) == 1


def until_s(session: Session, institution: int, model: str, now_s: int) -> int | None:
    """Until when the institution's boxes may lease the model; None: not now."""
    values: dict[str, str | int] = {"institution": institution, "model": model, "any": ANY, "now_s": now_s}
    row = session.one(_UNTIL, values)
    return row["until_s"] if row else None


def all_of(session: Session) -> Sequence[Agreement]:
    """Every one, oldest first."""
    return [Agreement(**row) for row in session.rows(f"{_SELECT} ORDER BY agreement.from_s, agreement.id")]
