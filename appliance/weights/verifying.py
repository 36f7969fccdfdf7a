"""Proves that files are what their recipe says, byte for byte, before any engine opens them.

Engines open only files that a form names, so other files in the folder are left alone: they may
belong to another form. Formats that can carry code (pickle and its relatives) are refused by name,
whatever their hash.
"""

import hashlib
import io
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed

SAFE_SUFFIXES: Final = frozenset({".gguf", ".safetensors", ".json", ".txt", ".jinja"})
_PICKLE_SUFFIXES: Final = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
_MEND: Final = "put the file of the recipe back and run the model again"
_CHUNK_BYTES: Final = 1024 * 1024


def unheard(_part: float) -> None:
    """Progress that nobody follows."""


def verify(files: Sequence[RecipeFile], folder: Path, on_progress: Callable[[float], None] = unheard) -> None:
    """Read every file to its end and compare size and SHA-256. Blocks for as long as the disk takes.

    ``on_progress`` is told, on this thread, which part of all bytes is read, 0 to 1.

    Raises ``IntegrityFailed`` naming the first file that is wrong; no path of the machine is in the message.
    """
    total_bytes = sum(file.size_bytes for file in files)
    before_bytes = 0

    def note(read_bytes: int) -> None:
        on_progress((before_bytes + read_bytes) / total_bytes)

    for file in files:
        _verify_one(file, folder, note)
        before_bytes += file.size_bytes


def _verify_one(file: RecipeFile, folder: Path, on_read: Callable[[int], None]) -> None:
    if Path(file.name).name != file.name or Path(file.name).suffix not in SAFE_SUFFIXES:
        raise IntegrityFailed(
            f"{file.name} is not a kind of file that Carrel opens{_code(file.name)}; correct the recipe."
        )
    try:
        with io.FileIO(folder / file.name, opener=_open_no_link) as opened:
            _check_size(file, os.fstat(opened.fileno()))
            digest = _digest(opened, on_read)
    except OSError as error:
        raise IntegrityFailed(_unreadable(file, folder, error)) from error
    if digest != file.sha256:
        raise IntegrityFailed(f"{file.name} is not the file of the recipe (its SHA-256 differs); {_MEND}.")


def _code(name: str) -> str:
    """Why people who expect their model's file to be opened should not."""
    pickled = Path(name).suffix.lower() in _PICKLE_SUFFIXES
    return ", since a pickle runs code as it is read: take the model's safetensors" if pickled else ""


def _digest(opened: io.FileIO, on_read: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_CHUNK_BYTES))
    read_bytes = 0
    while count := opened.readinto(buffer):
        digest.update(buffer[:count])
        read_bytes += count
        on_read(read_bytes)
    return digest.hexdigest()


def _open_no_link(path: str, flags: int) -> int:
    # O_NONBLOCK: opening a FIFO that lies in place of a file must not wait for a writer.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _check_size(file: RecipeFile, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise IntegrityFailed(f"{file.name} is not a regular file; {_MEND}.")
    if found.st_size != file.size_bytes:
        raise IntegrityFailed(
            f"{file.name} has {found.st_size} bytes and the recipe says {file.size_bytes}; {_MEND}."
        )


def _unreadable(file: RecipeFile, folder: Path, error: OSError) -> str:
    if (folder / file.name).is_symlink():
        return f"{file.name} is a symbolic link, which Carrel does not follow; {_MEND}."
    return f"{file.name} cannot be read ({error.strerror}); {_MEND}."
