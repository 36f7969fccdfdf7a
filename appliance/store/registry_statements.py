"""Rows of what a registry has signed for this box: leases and countersignatures, as they came."""

from collections.abc import Sequence
from typing import Final, Literal

from appliance.store.reader import Reader
from appliance.store.writer import Writer

StatementKind = Literal["lease", "countersignature"]

_ADD: Final = """
INSERT INTO registry_statement (kind, jti, token, added_ms) VALUES (:kind, :jti, :token, :now_ms)
ON CONFLICT (kind, jti) DO NOTHING
"""
_ALL: Final = "SELECT token FROM registry_statement WHERE kind = :kind ORDER BY seq"


class RegistryStatementTable:
    """Those of one kind. What a row says its signature proves; the store does not look into it."""

    def __init__(self, kind: StatementKind, writer: Writer, reader: Reader) -> None:
        self._kind = kind
        self._writer = writer
        self._reader = reader

    async def add(self, jti: str, token: str, now_ms: int) -> None:
        """Remember one; the first of an id counts."""
        row = {"kind": self._kind, "jti": jti, "token": token, "now_ms": now_ms}
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def all(self) -> Sequence[str]:
        """All of them, oldest first."""
        return await self._reader.run(
            lambda database: [row["token"] for row in database.query(_ALL, {"kind": self._kind})]
        )
