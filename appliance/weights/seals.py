"""What is remembered of files that were read to their end, and how long that spares reading them again.

A write, a rename or a second link changes what the system tells of a file, whoever restores its times: then
the seal is void. What a disk loses without a word it does not see; for that every file is read again when its
seal is old, and before the next start at the latest.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.recipe import RecipeFile
from appliance.domain.verification import FileSeal

SPARED_FROM_BYTES: Final = 256 * 2**20
"""Smaller files are read within a second."""
DAY_MS: Final = 24 * 3600 * 1000


class Seals(Protocol):
    """What was found when files were read. Called from any thread; never blocks for long."""

    def of(self, recipe_id: str, name: str) -> FileSeal | None:
        """Of that file of a model, last."""
        ...

    def keep(self, seal: FileSeal) -> None:
        """In place of what was known of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Sealing:
    """``rehash_days`` 0: every file is read to its end each time."""

    seals: Seals
    now_ms: Callable[[], int]
    rehash_days: int
    spared_from_bytes: int = SPARED_FROM_BYTES

    def spares(self, recipe_id: str, file: RecipeFile, found: os.stat_result) -> bool:
        """Whether the file need not be read now."""
        seal = self.seals.of(recipe_id, file.name)
        return (
            seal is not None
            and file.size_bytes > self.spared_from_bytes
            and is_good(seal, file, found)
            and self._is_younger(seal, self.rehash_days)
        )

    def is_due(self, recipe_id: str, file: RecipeFile, found: os.stat_result) -> bool:
        """Whether it is time to read the file again though nobody starts its model: nobody read it since it
        is what it is now, or not for ``rehash_days``, for a day at least. That it is wrong is not found out
        more often than that it is right.
        """
        seal = self.seals.of(recipe_id, file.name)
        known = seal is not None and seal.sha256 == file.sha256 and is_of(seal, found)
        return seal is None or not known or not self._is_younger(seal, max(1, self.rehash_days))

    def _is_younger(self, seal: FileSeal, days: int) -> bool:
        """Never where the clock was turned back."""
        return 0 <= self.now_ms() - seal.read_ms < days * DAY_MS

    def note(self, recipe_id: str, file: RecipeFile, found: os.stat_result, reason: str = "") -> None:
        """The file was read, or would not be. ``reason`` says what is wrong with it."""
        self.seals.keep(
            FileSeal(
                recipe_id=recipe_id,
                name=file.name,
                sha256=file.sha256,
                device=found.st_dev,
                inode=found.st_ino,
                size_bytes=found.st_size,
                mtime_ns=found.st_mtime_ns,
                ctime_ns=found.st_ctime_ns,
                read_ms=self.now_ms(),
                reason=reason,
            )
        )


def is_good(seal: FileSeal, file: RecipeFile, found: os.stat_result) -> bool:
    """Whether the seal says that this very file is what the recipe says now."""
    return not seal.reason and seal.sha256 == file.sha256 and is_of(seal, found)


def is_of(seal: FileSeal, found: os.stat_result) -> bool:
    """Whether the system tells of the file what it told when the seal was made. What is wrong stays so until
    it is written anew or replaced: taking its blob's name from it changes its ctime, and mends nothing.
    """
    same = (seal.device, seal.inode, seal.size_bytes, seal.mtime_ns) == (
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
    )
    return same and (bool(seal.reason) or seal.ctime_ns == found.st_ctime_ns)
