"""How a model's folder comes to be: whole in a folder of its own first, then by renaming."""

import errno
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.folders import forget, make_folder, names_in, open_folder, regular
from appliance.weights.linking import Linker

_NOT_EMPTY: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST})
_ENDING_BYTES: Final = 8


class Staging:
    """Of the model ``name``, whose folder is in ``models``; ``placing`` is where it is made ready."""

    def __init__(self, name: str, *, placing: int, models: int) -> None:
        self._name = name
        self._staged = f"{name}.{secrets.token_hex(_ENDING_BYTES)}"
        self._placing = placing
        self._models = models

    def stage(self, files: Sequence[RecipeFile], linker: Linker, *, mode: int) -> None:
        """Put the files side by side, but for those that are in the model's folder already. What an earlier
        attempt left is gone. Raises ``OSError``, ``IntegrityFailed`` for a file that has no blob.
        """
        clear(self._name, placing=self._placing)
        make_folder(self._staged, mode, within=self._placing)
        placed = {file for file in files if self._is_placed(file, linker)}
        with open_folder(self._staged, within=self._placing) as staged:
            for file in files:
                if file not in placed:
                    linker.put(file, within=staged)
            os.fsync(staged)

    def settle(self) -> None:
        """Make the model's folder of what is staged, in one step where there is none yet, else file by file.
        Raises ``OSError``, ``IntegrityFailed`` where a folder has the name of a file.
        """
        if not self._becomes_the_folder():
            with (
                open_folder(self._staged, within=self._placing) as staged,
                open_folder(self._name, within=self._models) as folder,
            ):
                for file in names_in(staged):
                    _move(file, staged, folder)
                os.fsync(folder)
            os.rmdir(self._staged, dir_fd=self._placing)
        os.fsync(self._placing)
        os.fsync(self._models)

    def _is_placed(self, file: RecipeFile, linker: Linker) -> bool:
        try:
            with open_folder(self._name, within=self._models) as folder:
                return linker.leads_to(file, within=folder)
        except FileNotFoundError:
            return False

    def _becomes_the_folder(self) -> bool:
        """An empty folder is replaced as well: rename(2)."""
        try:
            os.rename(self._staged, self._name, src_dir_fd=self._placing, dst_dir_fd=self._models)
        except OSError as error:
            if error.errno in _NOT_EMPTY:
                return False
            raise
        return True


def clear(name: str, *, placing: int) -> None:
    """Remove what a crash has left of the model's staging; what is not of it stays."""
    ours = re.compile(rf"{re.escape(name)}\.[0-9a-f]{{{2 * _ENDING_BYTES}}}\Z")
    for found in filter(ours.match, names_in(placing)):
        with suppress(OSError):
            with open_folder(found, within=placing) as staged:
                for file in names_in(staged):
                    if regular(file, within=staged) is not None:
                        forget(file, within=staged)
            os.rmdir(found, dir_fd=placing)


def _move(file: str, staged: int, folder: int) -> None:
    try:
        os.replace(file, file, src_dir_fd=staged, dst_dir_fd=folder)
    except IsADirectoryError as error:
        raise IntegrityFailed(
            f"A folder lies where {file} belongs; move it away, then run `carrel model pull` again."
        ) from error
