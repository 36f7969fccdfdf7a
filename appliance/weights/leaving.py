"""Takes files out of a model's folder. A blob goes when no model has it any more."""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Final

from appliance.weights.folders import forget, names_in, open_folder, regular
from appliance.weights.plain_names import plain_name

_BLOCK_BYTES: Final = 512  # of st_blocks, whatever the file system's own are: stat(2)
_Inode = tuple[int, int]


class Leaving:
    """From the folder ``name`` of ``models``; ``blobs`` is the folder with all blobs."""

    def __init__(self, name: str, *, models: int, blobs: int) -> None:
        self._name = name
        self._models = models
        self._blobs = blobs

    def would_free(self, names: Collection[str]) -> int:
        """Bytes on the disk that only these names hold. Raises ``OSError``."""
        try:
            with open_folder(self._name, within=self._models) as folder:
                return sum(found.st_blocks for found, _ in self._last(folder, names)) * _BLOCK_BYTES
        except FileNotFoundError:
            return 0

    def remove(self, names: Collection[str]) -> int:
        """The same, and they are gone. Raises ``OSError``."""
        try:
            with open_folder(self._name, within=self._models) as folder:
                last = list(self._last(folder, names))
                for name in names:
                    if regular(name, within=folder) is not None:
                        forget(name, within=folder)
                os.fsync(folder)
        except FileNotFoundError:
            return 0
        for _, blob in last:
            if blob is not None:
                forget(blob, within=self._blobs)
        os.fsync(self._blobs)
        with suppress(OSError):  # what is not ours keeps the folder
            os.rmdir(self._name, dir_fd=self._models)
            os.fsync(self._models)
        return sum(found.st_blocks for found, _ in last) * _BLOCK_BYTES

    def _last(self, folder: int, names: Collection[str]) -> Iterator[tuple[os.stat_result, str | None]]:
        """Files that nothing but these names and a blob lead to, each once, with the name of the blob."""
        blobs = self._blobs_by_inode()
        leading: dict[_Inode, int] = {}
        files: dict[_Inode, os.stat_result] = {}
        for name in set(map(plain_name, names)):
            found = regular(name, within=folder)
            if found is not None:
                inode = found.st_dev, found.st_ino
                files[inode] = found
                leading[inode] = leading.get(inode, 0) + 1
        for inode, found in files.items():
            blob = blobs.get(inode)
            if found.st_nlink <= leading[inode] + (blob is not None):
                yield found, blob

    def _blobs_by_inode(self) -> dict[_Inode, str]:
        found = ((name, regular(name, within=self._blobs)) for name in names_in(self._blobs))
        return {(one.st_dev, one.st_ino): name for name, one in found if one is not None}
