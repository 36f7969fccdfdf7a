"""Leases that were signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.registry.store.database import Row, Session

_INSERT: Final = """
INSERT INTO lease (id, box, model, standing, made_s, exp_s, grace_s, term, terms_sha256)
VALUES (:id, :box, :model, :standing, :made_s, :exp_s, :grace_s, :term, :terms_sha256)
"""
_SELECT: Final = """
SELECT lease.id, box.id AS box_id, box.name AS box_name, institution.name AS institution, lease.model,
    lease.standing, lease.made_s, lease.exp_s, lease.grace_s, lease.term, lease.terms_sha256,
    standing.value, standing.reason
FROM lease JOIN standing ON standing.number = lease.standing
JOIN box ON box.number = lease.box JOIN institution ON institution.number = box.institution
"""


@dataclass(frozen=True, slots=True)
class NewLease:
    """``box`` is its number, ``standing`` the place in the status list."""

    id: str
    box: int
    model: str
    standing: int
    made_s: int
    exp_s: int
    grace_s: int
    term: bool
    terms_sha256: str


@dataclass(frozen=True, slots=True)
class StoredLease:
    """With what has become of it."""

    id: str
    box_id: str
    box_name: str
    institution: str
    model: str
    standing: int
    made_s: int
    exp_s: int
    grace_s: int
    term: bool
    status: Literal["valid", "revoked", "suspended"]
    reason: str


def insert(session: Session, lease: NewLease) -> None:
    """It was signed."""
    session.run(
        _INSERT,
        {
            "id": lease.id,
            "box": lease.box,
            "model": lease.model,
            "standing": lease.standing,
            "made_s": lease.made_s,
            "exp_s": lease.exp_s,
            "grace_s": lease.grace_s,
            "term": int(lease.term),
            "terms_sha256": lease.terms_sha256,
        },
    )


def find(session: Session, id: str) -> StoredLease | None:
    """By its ``jti``."""
    row = session.one(f"{_SELECT} WHERE lease.id = :id", {"id": id})
    return _lease(row) if row else None


def running(session: Session, now_s: int) -> Sequence[StoredLease]:
    """Those that have not lapsed, by institution, box and model; the longest first."""
    sql = f"""
    {_SELECT} WHERE lease.exp_s + lease.grace_s > :now_s
    ORDER BY institution.name, box.name, lease.model, lease.exp_s DESC, lease.id
    """
    return [_lease(row) for row in session.rows(sql, {"now_s": now_s})]


def _lease(row: Row) -> StoredLease:
    status: tuple[Literal["valid", "revoked", "suspended"], ...] = ("valid", "revoked", "suspended")
    return StoredLease(
        id=row["id"],
        box_id=row["box_id"],
        box_name=row["box_name"],
        institution=row["institution"],
        model=row["model"],
        standing=row["standing"],
        made_s=row["made_s"],
        exp_s=row["exp_s"],
        grace_s=row["grace_s"],
        term=bool(row["term"]),
        status=status[row["value"]],
        reason=row["reason"],
    )
