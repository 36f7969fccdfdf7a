"""What files of models were found to be when they were read last. Whether that still counts others decide."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.verification import FileSeal
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_KEEP: Final = """
INSERT OR REPLACE INTO seal
    (recipe_id, name, sha256, device, inode, size_bytes, mtime_ns, ctime_ns, read_ms, reason)
VALUES
    (:recipe_id, :name, :sha256, :device, :inode, :size_bytes, :mtime_ns, :ctime_ns, :read_ms, :reason)
"""
_FORGET: Final = "DELETE FROM seal WHERE recipe_id = :recipe_id AND name = :name"
_ALL: Final = "SELECT * FROM seal ORDER BY recipe_id, name"


class SealTable:
    """One row for each file of a model."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def keep(self, seal: FileSeal) -> None:
        """In place of what was known of the file."""
        row = {
            "recipe_id": seal.recipe_id,
            "name": seal.name,
            "sha256": seal.sha256,
            # A device or an inode can use all 64 bits, which SQLite takes with a sign only.
            "device": str(seal.device),
            "inode": str(seal.inode),
            "size_bytes": seal.size_bytes,
            "mtime_ns": seal.mtime_ns,
            "ctime_ns": seal.ctime_ns,
            "read_ms": seal.read_ms,
            "reason": seal.reason,
        }
        await self._writer.run(lambda database: database.execute(_KEEP, row).rowcount)

    async def forget(self, recipe_id: str, name: str) -> None:
        """The file is gone; unknown ones are fine."""
        key = {"recipe_id": recipe_id, "name": name}
        await self._writer.run(lambda database: database.execute(_FORGET, key).rowcount)

    async def all(self) -> Sequence[FileSeal]:
        """Every one."""
        return await self._reader.run(lambda database: [_seal(row) for row in database.query(_ALL)])


def _seal(row: Mapping[str, Any]) -> FileSeal:
    return FileSeal(
        recipe_id=row["recipe_id"],
        name=row["name"],
        sha256=row["sha256"],
        device=int(row["device"]),
        inode=int(row["inode"]),
        size_bytes=row["size_bytes"],
        mtime_ns=row["mtime_ns"],
        ctime_ns=row["ctime_ns"],
        read_ms=row["read_ms"],
        reason=row["reason"],
    )
