"""Reads one file to its end and says whether it is what its recipe says."""

import hashlib
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.formats import refusal_of
from appliance.weights.seals import Sealing

_MEND: Final = "`carrel model pull` fetches it again, or put the file of the recipe back"
_CHUNK_BYTES: Final = 1024 * 1024

Heard = Callable[[int], None]
"""Told, on the thread that reads, how many bytes are read; what it raises ends the work."""


def unheard(_part: float) -> None:
    """Progress that nobody follows."""


def read_to_end(
    file: RecipeFile,
    folder: Path,
    on_read: Heard = unheard,
    sealing: Sealing | None = None,
    *,
    from_disk: bool = False,
) -> None:
    """Compare size and SHA-256, and seal what is found, good or bad. Blocks. ``from_disk``: not from what the
    system has of it in memory, as far as nobody uses that.

    Raises ``IntegrityFailed``; no path of the machine is in the message.
    """
    if Path(file.name).name != file.name:
        raise IntegrityFailed(f"{file.name} is not a kind of file that Carrel opens; correct the recipe.")
    if refusal := refusal_of(file.name):
        raise IntegrityFailed(refusal)
    try:
        with io.FileIO(folder / file.name, opener=_open_no_link) as opened:
            reason, found = _compared(file, opened, on_read, from_disk=from_disk)
    except OSError as error:
        reason, found = _unreadable(file, folder, error), _looked_at(folder / file.name)
    if sealing is not None and found is not None:
        sealing.note(folder.name, file, found, reason)
    if reason:
        raise IntegrityFailed(reason)


def _compared(
    file: RecipeFile, opened: io.FileIO, on_read: Heard, *, from_disk: bool
) -> tuple[str, os.stat_result | None]:
    """What is wrong, and of what; None for a file that was changed meanwhile. Raises ``OSError``."""
    before = os.fstat(opened.fileno())
    if reason := _wrong_size(file, before):
        return reason, before
    digest = _digest(opened, on_read, from_disk=from_disk)
    after = os.fstat(opened.fileno())
    unchanged = (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
    wrong = f"{file.name} is not the file of the recipe (its SHA-256 differs); {_MEND}."
    return "" if digest == file.sha256 else wrong, after if unchanged else None


def _digest(opened: io.FileIO, on_read: Heard, *, from_disk: bool) -> str:
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_CHUNK_BYTES))
    read_bytes = 0
    if from_disk:
        _drop_from_memory(opened, 0, 0)
    while count := opened.readinto(buffer):
        digest.update(buffer[:count])
        if from_disk:
            _drop_from_memory(opened, read_bytes, count)
        read_bytes += count
        on_read(read_bytes)
    return digest.hexdigest()


def _drop_from_memory(opened: io.FileIO, start: int, size_bytes: int) -> None:
    """Also so that reading a whole disk leaves other programs' files in memory. 0 bytes: to the end."""
    os.posix_fadvise(opened.fileno(), start, size_bytes, os.POSIX_FADV_DONTNEED)


def _open_no_link(path: str, flags: int) -> int:
    # O_NONBLOCK: opening a FIFO that lies in place of a file must not wait for a writer.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _wrong_size(file: RecipeFile, found: os.stat_result) -> str:
    if not stat.S_ISREG(found.st_mode):
        return f"{file.name} is not a regular file; {_MEND}."
    if found.st_size != file.size_bytes:
        return f"{file.name} has {found.st_size} bytes and the recipe says {file.size_bytes}; {_MEND}."
    return ""


def _looked_at(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None  # nothing is there that could be told from another one later


def _unreadable(file: RecipeFile, folder: Path, error: OSError) -> str:
    if (folder / file.name).is_symlink():
        return f"{file.name} is a symbolic link, which Carrel does not follow; {_MEND}."
    return f"{file.name} cannot be read ({error.strerror}); {_MEND}."
