"""Says of one file whether it is what its recipe says, for people who want to know about all of them."""

import os
from collections.abc import Callable
from pathlib import Path

from appliance.domain.recipe import RecipeFile
from appliance.domain.verification import FileVerdict
from appliance.errors import IntegrityFailed
from appliance.weights.verifying import verify


def check(file: RecipeFile, folder: Path, on_progress: Callable[[float], None]) -> FileVerdict:
    """Read it to its end; blocking. ``on_progress`` as ``verify`` has it; what it raises ends the work."""
    if not os.path.lexists(folder / file.name):
        return FileVerdict("missing", f"{file.name} is not on this box.")
    try:
        verify([file], folder, on_progress)
    except IntegrityFailed as error:
        return FileVerdict("wrong", error.message)
    return FileVerdict("ok")
