"""Applications that ask for a countersignature, as boxes sent them, and what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from appliance.federation.protocol.messages import ApplicationMessage
from appliance.registry.store.database import Row, Session

ApplicationState = Literal["waiting", "countersigned", "denied"]
_SELECT: Final = "SELECT application.*, box.id AS box_id FROM application JOIN box ON box.number = box"
_PUT: Final = """
INSERT INTO application (
    id, box, application, model, payload, payload_sha256, received_s, state, until_s, decided_s, decided_by,
    reason
) VALUES (
    :id, :box, :application, :model, :payload, :payload_sha256, :now_s, 'waiting', 0, NULL, '', ''
) ON CONFLICT (id) DO UPDATE SET
    payload = excluded.payload, payload_sha256 = excluded.payload_sha256, received_s = excluded.received_s,
    model = excluded.model, state = 'waiting', until_s = 0, decided_s = NULL, decided_by = '', reason = ''
"""
_DECIDE: Final = """
UPDATE application
SET state = :state, until_s = :until_s, decided_s = :now_s, decided_by = :by, reason = :reason
WHERE id = :id AND state = 'waiting'
"""
_COVERED: Final = """
SELECT max(until_s) AS until_s FROM application
WHERE box = :box AND model = :model AND state = 'countersigned' AND until_s > :now_s
"""


@dataclass(frozen=True, slots=True)
class StoredApplication:
    """``box`` is the number of the box, ``box_id`` its name; ``message`` is what was sent. ``until_s`` is
    when the countersignature ends.
    """

    id: str
    box: int
    box_id: str
    message: ApplicationMessage
    payload_sha256: str
    received_s: int
    state: ApplicationState
    until_s: int
    decided_s: int | None
    decided_by: str
    reason: str


def put(session: Session, box: int, message: ApplicationMessage, *, digest: str, now_s: int) -> str:
    """It waits for a person, in place of an earlier form of it; its id here."""
    key = application_id(box, message.application)
    session.run(
        _PUT,
        {
            "id": key,
            "box": box,
            "application": message.application,
            "model": message.model,
            "payload": msgspec.json.encode(message).decode(),
            "payload_sha256": digest,
            "now_s": now_s,
        },
    )
    return key


def application_id(box: int, application: str) -> str:
    """Of a box's application, in this database."""
    return f"{box}:{application}"


def find(session: Session, id: str) -> StoredApplication | None:
    """By its id here."""
    row = session.one(f"{_SELECT} WHERE application.id = :id", {"id": id})
    return _application(row) if row else None


def all_of(session: Session, state: ApplicationState | None = None) -> Sequence[StoredApplication]:
    """Oldest first."""
    where = " WHERE application.state = :state" if state else ""
    rows = session.rows(f"{_SELECT}{where} ORDER BY received_s, application.id", {"state": state})
    return [_application(row) for row in rows]


def decide(
    session: Session, id: str, state: ApplicationState, *, until_s: int, by: str, reason: str, now_s: int
) -> bool:
    """False: somebody has decided it in between."""
    values: dict[str, str | int] = {
        "id": id, "state": state, "until_s": until_s, "by": by, "reason": reason, "now_s": now_s,
    }  # fmt: skip
    return session.run(_DECIDE, values) == 1


def covered_until_s(session: Session, box: int, model: str, now_s: int) -> int | None:
    """Until when a countersigned application lets the box have the model; None: none does."""
    row = session.one(_COVERED, {"box": box, "model": model, "now_s": now_s})
    return row["until_s"] if row else None


def _application(row: Row) -> StoredApplication:
    return StoredApplication(
        id=row["id"],
        box=row["box"],
        box_id=row["box_id"],
        message=msgspec.json.decode(row["payload"], type=ApplicationMessage),
        payload_sha256=row["payload_sha256"],
        received_s=row["received_s"],
        state=row["state"],
        until_s=row["until_s"],
        decided_s=row["decided_s"],
        decided_by=row["decided_by"],
        reason=row["reason"],
    )
