"""Proves that files are what their recipe says, byte for byte, before any engine opens them.

Engines open only files that a form names, so other files in the folder are left alone: they may
belong to another form. Formats that can carry code (pickle and its relatives) are refused by name,
whatever their hash.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from appliance.domain.recipe import RecipeFile
from appliance.weights.reading import Heard, read_to_end, unheard
from appliance.weights.seals import Sealing

__all__ = ["unheard", "verify"]


def verify(
    files: Sequence[RecipeFile],
    folder: Path,
    on_progress: Callable[[float], None] = unheard,
    sealing: Sealing | None = None,
) -> None:
    """Read every file to its end and compare size and SHA-256, but for those that a young seal spares. Blocks
    for as long as the disk takes.

    ``on_progress`` is told, on this thread, which part of all bytes is read, 0 to 1. ``folder`` has the name
    of the recipe.

    Raises ``IntegrityFailed`` naming the first file that is wrong; no path of the machine is in the message.
    """
    total_bytes = sum(file.size_bytes for file in files)
    before_bytes = 0

    def note(read_bytes: int) -> None:
        on_progress((before_bytes + read_bytes) / total_bytes)

    for file in files:
        _verify_one(file, folder, note, sealing)
        before_bytes += file.size_bytes


def _verify_one(file: RecipeFile, folder: Path, on_read: Heard, sealing: Sealing | None) -> None:
    if sealing is not None and _is_spared(file, folder, sealing):
        on_read(file.size_bytes)
        return
    read_to_end(file, folder, on_read, sealing)


def _is_spared(file: RecipeFile, folder: Path, sealing: Sealing) -> bool:
    try:
        return sealing.spares(folder.name, file, os.lstat(folder / file.name))
    except OSError:
        return False
