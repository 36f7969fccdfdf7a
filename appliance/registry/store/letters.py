"""How many letters a box has written, and how many wait for one."""

from appliance.federation.protocol.kinds import FORWARDED, LETTER
from appliance.registry.store.database import Session


def written_since(session: Session, box: int, since_s: int) -> int:
    """By one box, from that time on."""
    row = session.one(
        """
        SELECT COUNT(*) AS letters FROM message
        WHERE box = :box AND kind = :kind AND received_s >= :since_s
        """,
        {"box": box, "kind": LETTER, "since_s": since_s},
    )
    return int(row["letters"]) if row else 0


def waiting_for(session: Session, box: int) -> int:
    """For one box, which it has not fetched."""
    row = session.one(
        "SELECT COUNT(*) AS letters FROM mailbox WHERE box = :box AND kind = :kind AND received_s IS NULL",
        {"box": box, "kind": FORWARDED},
    )
    return int(row["letters"]) if row else 0
