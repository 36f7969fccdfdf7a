"""The folder that a bundle is made in: nobody else's, and one at a time."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from appliance.errors import BadRequest, Conflict
from appliance.weights.bundling.layout import LAUNCHER, MARK, README
from appliance.weights.bundling.manifest import MANIFEST
from appliance.weights.bundling.names import FOLDERS
from appliance.weights.bundling.writing import UNFINISHED

_TOP: Final = frozenset(
    {*FOLDERS, README, LAUNCHER, MANIFEST, *(f"{one}{UNFINISHED}" for one in (README, LAUNCHER, MANIFEST))}
)


def open_ground(folder: Path) -> None:
    """The folder is there and nobody else's. Raises ``BadRequest``, ``OSError``."""
    if not folder.is_absolute():
        raise BadRequest("Name the bundle's folder with its whole path, from / on.", param="to")
    if not folder.parent.is_dir():
        raise BadRequest("The folder above the bundle's is not there; is the stick mounted?", param="to")
    folder.mkdir(exist_ok=True)
    names = {one.name for one in folder.iterdir()}
    if not names or ((folder / README).is_file() and _is_marked(folder / README) and names <= _TOP):
        return
    if names <= {README, f"{README}{UNFINISHED}", "program"} and _is_program(folder / "program"):
        return
    raise BadRequest(
        "There are other files in the folder for the bundle. Name a folder of its own, such as one more "
        "below it: it is made.",
        param="to",
    )


def _is_program(folder: Path) -> bool:
    """None at all, or one that somebody had the installer put there beforehand."""
    return not folder.exists() or (folder / "program.txt").is_file()


def _is_marked(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else makes a bundle there. Raises ``Conflict``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("A bundle is being made in this folder already; wait until it is done.") from None
        yield
    finally:
        os.close(descriptor)


def files_below(folder: Path) -> Sequence[Path]:
    """Every regular file in it, however deep; nothing where there is no such folder."""
    if not folder.is_dir() or folder.is_symlink():
        return ()
    return [
        Path(where) / name
        for where, _, names in os.walk(folder)
        for name in names
        if (Path(where) / name).is_file() and not (Path(where) / name).is_symlink()
    ]
