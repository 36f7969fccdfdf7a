"""Statements that wait for boxes until these say that they have them. They are kept unsigned: each time one
leaves it is signed anew, for the key that the box has then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.registry.store.counters import next_number
from appliance.registry.store.database import Session

_INSERT: Final = """
INSERT INTO mailbox (number, id, box, kind, body, made_s, sent_s, received_s)
VALUES (:number, :id, :box, :kind, :body, :now_s, NULL, NULL) ON CONFLICT (id) DO NOTHING
"""
_WAITING: Final = """
SELECT id, box, kind, body, made_s, sent_s FROM mailbox
WHERE box = :box AND received_s IS NULL ORDER BY number LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """``id`` is its ``jti``, ``body`` the JSON of the shape that ``shapes.STATEMENTS`` has for ``kind``."""

    id: str
    box: int
    kind: str
    body: bytes
    made_s: int
    sent_s: int | None


def put(session: Session, box: int, *, id: str, kind: str, body: bytes, now_s: int) -> None:
    """For the box's next sync. The first of an id counts."""
    session.run(
        _INSERT,
        {
            "number": next_number(session, "mailbox"),
            "id": id,
            "box": box,
            "kind": kind,
            "body": body.decode(),
            "now_s": now_s,
        },
    )


def waiting(session: Session, box: int, most: int) -> Sequence[Waiting]:
    """Oldest first."""
    rows = session.rows(_WAITING, {"box": box, "most": most})
    return [Waiting(r["id"], r["box"], r["kind"], r["body"].encode(), r["made_s"], r["sent_s"]) for r in rows]


def sent(session: Session, ids: Sequence[str], now_s: int) -> None:
    """They left; whether they came, the box will tell."""
    session.many(
        "UPDATE mailbox SET sent_s = :now_s WHERE id = :id", [{"id": one, "now_s": now_s} for one in ids]
    )


def received(session: Session, box: int, ids: Sequence[str], now_s: int) -> None:
    """The box has them. Ids of others, or of nothing, change nothing."""
    session.many(
        "UPDATE mailbox SET received_s = :now_s WHERE id = :id AND box = :box AND received_s IS NULL",
        [{"id": one, "box": box, "now_s": now_s} for one in ids],
    )


def take_back(session: Session, id: str) -> None:
    """It is not sent any more."""
    session.run("DELETE FROM mailbox WHERE id = :id AND received_s IS NULL", {"id": id})


def forget(session: Session, *, received_before_s: int, made_before_s: int) -> int:
    """What was received before the one time, and what nobody fetched since the other."""
    return session.run(
        "DELETE FROM mailbox WHERE received_s < :received_s OR made_s < :made_s",
        {"received_s": received_before_s, "made_s": made_before_s},
    )
