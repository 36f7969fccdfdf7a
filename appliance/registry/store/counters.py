"""Numbers that are given out once each."""

from typing import Final, Literal

from appliance.registry.store.database import Session

Counter = Literal["box", "institution", "mailbox", "standing", "audit"]
_NEXT: Final = """
INSERT INTO counter (name, value) VALUES (:name, :first)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value
"""


def next_number(session: Session, counter: Counter, *, first: int = 1) -> int:
    """The next one; its row is locked until the transaction ends."""
    row = session.one(_NEXT, {"name": counter, "first": first})
    return int(row["value"]) if row else first


def next_of(session: Session, counter: Counter, *, first: int = 1) -> int:
    """Which number would be next: as many were given out, counted from ``first``."""
    row = session.one("SELECT value FROM counter WHERE name = :name", {"name": counter})
    return int(row["value"]) + 1 if row else first
