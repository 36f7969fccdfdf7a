"""Statements of the registry about this lab's models, as they came. What they say their signature proves."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.sharing import KeptStatement
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO owner_statement (id, organization, first_day, token, registry, signed_ms)
VALUES (:id, :organization, :first_day, :token, :registry, :signed_ms)
ON CONFLICT (id) DO NOTHING
"""
_NEWEST: Final = """
SELECT * FROM owner_statement WHERE :month = '' OR substr(first_day, 1, 7) = :month
ORDER BY first_day DESC, signed_ms DESC LIMIT :most
"""


class OwnerStatementTable:
    """Raises ``StorageUnavailable`` where the disk refuses."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, one: KeptStatement) -> None:
        """Remember it; the first of an id counts."""
        row = {
            "id": one.id,
            "organization": one.organization,
            "first_day": one.first_day,
            "token": one.token,
            "registry": one.registry,
            "signed_ms": one.signed_ms,
        }
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def newest(self, most: int, month: str = "") -> Sequence[KeptStatement]:
        """Those of one month, or of all."""
        asked = {"most": most, "month": month}
        return await self._reader.run(
            lambda database: [KeptStatement(**row) for row in database.query(_NEWEST, asked)]
        )
