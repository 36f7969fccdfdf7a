"""Rows of what labs lend each other: boxes that asked for models hosted here, and models asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from appliance.domain.peers import Borrowed, Peer
from appliance.store.reader import Reader
from appliance.store.writer import Writer

Row = TypeVar("Row", Peer, Borrowed)


class _Table:
    """One row an id; the whole row is written at each change."""

    def __init__(self, name: str, shape: type[Peer] | type[Borrowed], writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader
        columns = shape.__slots__
        values = ", ".join(f":{one}" for one in columns)
        changes = ", ".join(f"{one} = excluded.{one}" for one in columns if one != "id")
        # Names are constants of the program.
        self._add = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values}) ON CONFLICT (id) DO "  # noqa: S608  # nosec B608
        self._changes = f"UPDATE SET {changes}"  # nosec B608
        self._all = f"SELECT * FROM {name} ORDER BY seq"  # noqa: S608  # nosec B608

    async def _put(self, one: Peer | Borrowed, *, new: bool) -> bool:
        sql = self._add + ("NOTHING" if new else self._changes)
        row = {name: getattr(one, name) for name in type(one).__slots__}
        return await self._writer.run(lambda database: database.execute(sql, row).rowcount == 1)

    async def _rows(self) -> Sequence[Mapping[str, Any]]:
        return await self._reader.run(lambda database: list(database.query(self._all)))


class PeerTable(_Table):
    """Boxes elsewhere that asked for models hosted here."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        super().__init__("peer", Peer, writer, reader)

    async def add(self, peer: Peer) -> bool:
        """The first of an id counts; whether this is it."""
        return await self._put(peer, new=True)

    async def change(self, peer: Peer) -> None:
        """What is known of it now."""
        await self._put(peer, new=False)

    async def all(self) -> Sequence[Peer]:
        """Every one, the oldest first."""
        return [_read(Peer, row) for row in await self._rows()]


class BorrowedTable(_Table):
    """Models elsewhere that this box asked for."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        super().__init__("borrowed", Borrowed, writer, reader)

    async def add(self, borrowed: Borrowed) -> bool:
        """The first of an id counts; whether this is it."""
        return await self._put(borrowed, new=True)

    async def change(self, borrowed: Borrowed) -> None:
        """What is known of it now."""
        await self._put(borrowed, new=False)

    async def all(self) -> Sequence[Borrowed]:
        """Every one, the oldest first."""
        return [_read(Borrowed, row) for row in await self._rows()]


def _read(shape: type[Row], row: Mapping[str, Any]) -> Row:
    return shape(**{name: row[name] for name in shape.__slots__})
