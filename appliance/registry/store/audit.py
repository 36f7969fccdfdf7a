"""What the registry's people did. Rows are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.registry.store.counters import next_number
from appliance.registry.store.database import Session


@dataclass(frozen=True, slots=True)
class AuditRow:
    """``about`` is the id of what was acted on."""

    number: int
    at_s: int
    actor: str
    act: str
    about: str
    words: str


def add(session: Session, *, actor: str, act: str, about: str, words: str = "", now_s: int) -> None:
    """In the transaction of the act itself."""
    session.run(
        """
        INSERT INTO audit (number, at_s, actor, act, about, words)
        VALUES (:number, :now_s, :actor, :act, :about, :words)
        """,
        {
            "number": next_number(session, "audit"),
            "now_s": now_s,
            "actor": actor,
            "act": act,
            "about": about,
            "words": words,
        },
    )


def newest(session: Session, most: int = 200) -> Sequence[AuditRow]:
    """Newest first."""
    rows = session.rows("SELECT * FROM audit ORDER BY number DESC LIMIT :most", {"most": most})
    return [AuditRow(**row) for row in rows]
