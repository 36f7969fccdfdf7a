"""What was found out about a model's files."""

from dataclasses import dataclass
from typing import Literal

FileState = Literal["ok", "wrong", "missing"]


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """Whether one file is what its recipe says. ``reason`` says what is wrong, empty where nothing is."""

    state: FileState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileSeal:
    """What a file was found to be when all of it was read last. ``reason`` says what was wrong, if anything.

    It says nothing of any other file, and of this one only while the system tells the same of it. Times in ms
    since 1970 UTC; ``mtime_ns`` and ``ctime_ns`` in ns, as the file system keeps them.
    """

    recipe_id: str
    name: str
    sha256: str
    """What the recipe said then."""
    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    read_ms: int
    reason: str = ""
