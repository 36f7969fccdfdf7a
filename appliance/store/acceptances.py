"""Rows of acceptances of licenses. Whether a row is believed its signed record decides, not the store."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.license import Acceptance
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT: Final = """
INSERT INTO acceptance
    (id, model_id, text_sha256, person, who, authority, purpose, accepted_ms, withdrawn_ms, record)
VALUES
    (:id, :model, :text_sha256, :person, :who, :authority, :purpose, :accepted_ms, :withdrawn_ms, :record)
"""
_WITHDRAW: Final = "UPDATE acceptance SET withdrawn_ms = coalesce(withdrawn_ms, :now_ms) WHERE id = :id"
_ALL: Final = "SELECT * FROM acceptance ORDER BY seq"


class AcceptanceTable:
    """Adds, withdraws and lists; takes nothing out."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, acceptance: Acceptance) -> None:
        """Remember it."""
        row = {
            "id": acceptance.id,
            "model": acceptance.model,
            "text_sha256": acceptance.text_sha256,
            "person": acceptance.person,
            "who": acceptance.who,
            "authority": acceptance.authority,
            "purpose": acceptance.purpose,
            "accepted_ms": acceptance.accepted_ms,
            "withdrawn_ms": acceptance.withdrawn_ms,
            "record": acceptance.record,
        }
        await self._writer.run(lambda database: database.execute(_INSERT, row).rowcount)

    async def withdraw(self, ids: Collection[str], now_ms: int) -> None:
        """They hold no more, all of them in one commit; the first withdrawal counts."""

        def job(database: Database) -> None:
            for one in ids:
                database.execute(_WITHDRAW, {"id": one, "now_ms": now_ms})

        await self._writer.run(job)

    async def all(self) -> Sequence[Acceptance]:
        """Every one, oldest first."""
        return await self._reader.run(lambda database: [_acceptance(row) for row in database.query(_ALL)])


def _acceptance(row: Mapping[str, Any]) -> Acceptance:
    return Acceptance(
        id=row["id"],
        model=row["model_id"],
        text_sha256=row["text_sha256"],
        person=row["person"],
        who=row["who"],
        authority=row["authority"],
        purpose=row["purpose"],
        accepted_ms=row["accepted_ms"],
        record=row["record"],
        withdrawn_ms=row["withdrawn_ms"],
    )
