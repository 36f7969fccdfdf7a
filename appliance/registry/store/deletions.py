"""What boxes say became of files whose lease was taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from appliance.federation.protocol.messages import Deletion
from appliance.registry.store.database import Session


@dataclass(frozen=True, slots=True)
class StoredDeletion:
    """``files`` counts them."""

    box_id: str
    model: str
    lease: str
    files: int
    how: str
    at_s: int
    received_s: int


def insert(session: Session, box: int, message: Deletion, now_s: int) -> None:
    """The first of an id counts."""
    session.run(
        """
        INSERT INTO deletion (box, jti, model, lease, files, how, at_s, received_s)
        VALUES (:box, :jti, :model, :lease, :files, :how, :at_s, :now_s) ON CONFLICT DO NOTHING
        """,
        {
            "box": box,
            "jti": message.jti,
            "model": message.model,
            "lease": message.lease,
            "files": msgspec.json.encode(message.files).decode(),
            "how": message.how,
            "at_s": message.at,
            "now_s": now_s,
        },
    )


def all_of(session: Session) -> Sequence[StoredDeletion]:
    """Newest first."""
    rows = session.rows(
        """
        SELECT box.id AS box_id, model, lease, files, how, at_s, received_s
        FROM deletion JOIN box ON box.number = deletion.box ORDER BY received_s DESC LIMIT 1000
        """
    )
    return [
        StoredDeletion(**{**row, "files": len(msgspec.json.decode(row["files"], type=list[str]))})
        for row in rows
    ]
