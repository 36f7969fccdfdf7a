"""Rows of agreements: versions of texts, and who signed them. Whether a signature is believed its signed
record decides, not the store.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.access import Agreement, Signature
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_PUBLISH: Final = """
INSERT INTO agreement (kind, text_sha256, text, published_ms, asks_from_ms, origin)
VALUES (:kind, :text_sha256, :text, :published_ms, :asks_from_ms, :origin)
"""
_SIGN: Final = """
INSERT INTO signature
    (id, kind, text_sha256, person_id, project_id, for_project, who, origin, signed_ms, record)
VALUES
    (:id, :kind, :text_sha256, nullif(:person, ''), :project, :for_project, :who, :origin, :signed_ms,
     :record)
"""
_VERSIONS: Final = "SELECT * FROM agreement ORDER BY seq"
_SIGNATURES: Final = "SELECT * FROM signature ORDER BY seq"


class AgreementTable:
    """Adds and lists; takes nothing out."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def publish(self, agreement: Agreement) -> None:
        """A new version."""
        row = {
            "kind": agreement.kind,
            "text_sha256": agreement.text_sha256,
            "text": agreement.text,
            "published_ms": agreement.published_ms,
            "asks_from_ms": agreement.asks_from_ms,
            "origin": agreement.origin,
        }
        await self._writer.run(lambda database: database.execute(_PUBLISH, row).rowcount)

    async def sign(self, signature: Signature) -> None:
        """A new signature."""
        row = {
            "id": signature.id,
            "kind": signature.kind,
            "text_sha256": signature.text_sha256,
            "person": signature.person,
            "project": signature.project,
            "for_project": signature.for_project,
            "who": signature.who,
            "origin": signature.origin,
            "signed_ms": signature.signed_ms,
            "record": signature.record,
        }
        await self._writer.run(lambda database: database.execute(_SIGN, row).rowcount)

    async def versions(self) -> Sequence[Agreement]:
        """Every version of every text, oldest first."""
        return await self._reader.run(lambda database: [_agreement(row) for row in database.query(_VERSIONS)])

    async def signatures(self) -> Sequence[Signature]:
        """Every one, oldest first."""
        return await self._reader.run(
            lambda database: [_signature(row) for row in database.query(_SIGNATURES)]
        )


def _agreement(row: Mapping[str, Any]) -> Agreement:
    return Agreement(
        kind=row["kind"],
        text_sha256=row["text_sha256"],
        text=row["text"],
        published_ms=row["published_ms"],
        asks_from_ms=row["asks_from_ms"],
        origin=row["origin"],
    )


def _signature(row: Mapping[str, Any]) -> Signature:
    return Signature(
        id=row["id"],
        kind=row["kind"],
        text_sha256=row["text_sha256"],
        person=row["person_id"] or "",
        project=row["project_id"],
        for_project=bool(row["for_project"]),
        who=row["who"],
        origin=row["origin"],
        signed_ms=row["signed_ms"],
        record=row["record"],
    )
