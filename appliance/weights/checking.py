"""Says of one file whether it is what its recipe says, for people who want to know about all of them."""

import os
from collections.abc import Callable
from pathlib import Path

from appliance.domain.recipe import RecipeFile
from appliance.domain.verification import FileVerdict
from appliance.errors import IntegrityFailed
from appliance.weights.reading import read_to_end
from appliance.weights.seals import Sealing, is_of


def check(
    file: RecipeFile, folder: Path, on_progress: Callable[[float], None], sealing: Sealing | None = None
) -> FileVerdict:
    """Read it to its end, whatever its seal says, and seal it anew; blocking. ``on_progress`` as ``verify``
    has it; what it raises ends the work.
    """
    if not os.path.lexists(folder / file.name):
        return FileVerdict("missing", f"{file.name} is not on this box.")
    try:
        read_to_end(file, folder, lambda read_bytes: on_progress(read_bytes / file.size_bytes), sealing)
    except IntegrityFailed as error:
        return FileVerdict("wrong", error.message)
    return FileVerdict("ok")


def is_due(file: RecipeFile, folder: Path, sealing: Sealing) -> bool:
    """Whether it is there, and it is time to read it again."""
    try:
        return sealing.is_due(folder.name, file, os.lstat(folder / file.name))
    except OSError:
        return False


def known_trouble(file: RecipeFile, folder: Path, sealing: Sealing) -> str | None:
    """What was wrong with the file when it was read last, if it is still that one. Reads nothing of it."""
    seal = sealing.seals.of(folder.name, file.name)
    if seal is None or not seal.reason or seal.sha256 != file.sha256:
        return None
    try:
        found = os.lstat(folder / file.name)
    except OSError:
        return None
    return seal.reason if is_of(seal, found) else None
