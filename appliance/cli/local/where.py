"""`carrel where`: where everything of this box lies, and how large it is."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.cli.desk import Desk
from appliance.config import Places
from appliance.domain.results import BoxPlace, BoxPlaces


def where(desk: Desk) -> BoxPlaces:
    """Works with no gateway. Raises ``ConfigInvalid``."""
    places = desk.settings().places
    return BoxPlaces(mode=places.mode, places=tuple(_places(places, desk.socket)))


def size_of(path: Path) -> int | None:
    """Of a file, or of all files in a folder, each once; None where it is not there or may not be read."""
    try:
        found = path.lstat()
        if not path.is_dir():
            return found.st_size
        return sum(dict(_files(path)).values())
    except OSError:
        return None


def _places(places: Places, socket: Path) -> Iterator[BoxPlace]:
    for name, path, holds in (
        ("configuration", places.config_file, "settings; beside it the lab's recipes, licenses and catalogs"),
        ("data", places.data_dir, "the database, keys and certificates"),
        ("models", places.models_dir, "the files of models"),
        ("log", places.log_dir, "what the box logged, a file a day"),
    ):
        yield BoxPlace(name=name, path=str(path), holds=holds, size_bytes=size_of(path))
    yield BoxPlace(
        name="socket", path=str(socket), holds="where the gateway answers operators", size_bytes=None
    )


def _files(folder: Path) -> Iterator[tuple[tuple[int, int], int]]:
    """By device and inode: a blob with two names is there once."""
    for inside, _, names in os.walk(folder, onerror=_refuse):
        for name in names:
            try:
                found = Path(inside, name).lstat()
            except FileNotFoundError:
                continue  # it went while we counted
            yield (found.st_dev, found.st_ino), found.st_size


def _refuse(error: OSError) -> None:
    raise error


HANDLERS: Final = {"where": where}
