"""Room on the disk: what downloads still need of it, counted before the first byte comes."""

from collections.abc import Iterable
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.errors import StorageUnavailable
from appliance.services.downloads.ports import Blobs, Disk

KEPT_FREE_BYTES: Final = 128 * 2**20
"""For everything else that is on the disk: database, log, what is extracted."""
_GB: Final = 10**9


class Space:
    """Every method blocks."""

    def __init__(self, blobs: Blobs, disk: Disk) -> None:
        self._blobs = blobs
        self._disk = disk

    def check(self, model: str, files: Iterable[RecipeFile], others: Iterable[RecipeFile]) -> None:
        """``others`` are files that downloads before this one will still bring. Raises ``StorageUnavailable``
        with exactly how much is missing.
        """
        own = self.needed_bytes(files)
        if own == 0:
            return
        together = self.needed_bytes([*files, *others])
        free = self._disk.free_bytes() - KEPT_FREE_BYTES
        missing = together - free
        if missing > 0:
            raise StorageUnavailable(_told(model, own, together - own, max(0, free), missing))

    def needed_bytes(self, files: Iterable[RecipeFile]) -> int:
        """What these still take of the disk; each file once, and without what is written or reserved."""
        distinct = {one.sha256: one for one in files}
        return sum(self._needed(one) for one in distinct.values())

    def _needed(self, file: RecipeFile) -> int:
        if self._blobs.has(file):
            return 0
        return max(0, file.size_bytes - self._disk.taken_bytes(self._blobs.part(file.sha256)))


def _told(model: str, own: int, others: int, free: int, missing: int) -> str:
    besides = f", downloads before it {others / _GB:,.2f} GB" if others else ""
    return (
        f"{model} needs {own / _GB:,.2f} GB more of the models' disk{besides}, and {free / _GB:,.2f} GB can "
        f"be used: {missing:,} bytes are missing. Free them, for example with `carrel model remove MODEL`."
    )
