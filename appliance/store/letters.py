"""Rows of letters. What they say is not among them, but while one waits to leave: then its token is."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.letters import Letter, LetterState
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO letter
    (id, direction, kind, thread, peer, organization, institution, state, reason, token, made_ms)
VALUES
    (:id, :direction, :kind, :thread, :peer, :organization, :institution, :state, :reason, :token, :made_ms)
ON CONFLICT (id) DO NOTHING
"""
_SET: Final = "UPDATE letter SET state = :state, reason = :reason, token = '' WHERE id = :id"
_WAITING: Final = "SELECT * FROM letter WHERE state = 'waiting' ORDER BY seq LIMIT 500"
_ONE: Final = "SELECT * FROM letter WHERE id = :id"


class LetterTable:
    """Adds letters and says what became of them."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, letter: Letter) -> None:
        """The first of an id counts."""
        row = {name: getattr(letter, name) for name in Letter.__slots__}
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def set(self, id: str, state: LetterState, reason: str = "") -> None:
        """What became of it; its token goes."""
        row = {"id": id, "state": state, "reason": reason}
        await self._writer.run(lambda database: database.execute(_SET, row).rowcount)

    async def waiting(self) -> Sequence[Letter]:
        """Those that are not in the outbox yet, the oldest first."""
        return await self._reader.run(lambda database: [_letter(one) for one in database.query(_WAITING)])

    async def get(self, id: str) -> Letter | None:
        """One of them."""
        found = await self._reader.run(lambda database: list(database.query(_ONE, {"id": id})))
        return _letter(found[0]) if found else None


def _letter(row: Mapping[str, Any]) -> Letter:
    return Letter(**{name: row[name] for name in Letter.__slots__})
