"""Which messages were answered, and how: the same one again gets the same answer."""

from dataclasses import dataclass
from typing import Final

from appliance.registry.store.database import Session

_INSERT: Final = """
INSERT INTO message (box, jti, kind, payload_sha256, received_s, reply)
VALUES (:box, :jti, :kind, :payload_sha256, :now_s, :reply)
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """``reply`` is JSON."""

    payload_sha256: str
    reply: str


def insert(
    session: Session, box: int, jti: str, *, kind: str, payload_sha256: str, reply: str, now_s: int
) -> None:
    """It is answered."""
    session.run(
        _INSERT,
        {
            "box": box,
            "jti": jti,
            "kind": kind,
            "payload_sha256": payload_sha256,
            "now_s": now_s,
            "reply": reply,
        },
    )


def find(session: Session, box: int, jti: str) -> Answered | None:
    """None: it is new."""
    row = session.one(
        "SELECT payload_sha256, reply FROM message WHERE box = :box AND jti = :jti", {"box": box, "jti": jti}
    )
    return Answered(**row) if row else None


def count(session: Session, box: int, kind: str, since_s: int) -> int:
    """How many of a kind a box has sent since then."""
    row = session.one(
        "SELECT count(*) AS n FROM message WHERE box = :box AND kind = :kind AND received_s >= :since_s",
        {"box": box, "kind": kind, "since_s": since_s},
    )
    return int(row["n"]) if row else 0


def forget(session: Session, before_s: int) -> int:
    """Those that came before then: nobody asks for their answers any more."""
    return session.run("DELETE FROM message WHERE received_s < :before_s", {"before_s": before_s})
