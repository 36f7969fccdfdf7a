"""Writes a file that only its owner reads, and never over another: cards hold keys, reports names."""

import os
from pathlib import Path
from typing import Final

from appliance.errors import BadRequest, Conflict

MODE: Final = 0o600


def check_free(path: str) -> None:
    """Before anything is done. Raises ``Conflict`` where the file is there, ``BadRequest`` where none can be
    written.
    """
    place = Path(path)
    if place.exists() or place.is_symlink():
        raise Conflict(f"{place.name} is there already; choose another name.", param="output")
    if not place.absolute().parent.is_dir():
        raise BadRequest(f"{place.name} cannot be written: there is no such folder.", param="output")


def write_private(path: str, content: bytes) -> None:
    """Raises ``Conflict``, ``BadRequest``."""
    place = Path(path)
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Conflict(f"{place.name} is there already; choose another name.", param="output") from error
    except OSError as error:
        raise BadRequest(f"{place.name} cannot be written: {error.strerror}.", param="output") from error
    except ValueError as error:
        raise BadRequest("This is no name of a file.", param="output") from error
