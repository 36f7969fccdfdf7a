"""Looks through folders for a file to be read here: what is in one, and how a path goes on."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.domain.plain_text import one_line

MOST: Final = 2000
"""Entries of a folder that are shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a folder. ``size_bytes`` is None of a folder."""

    name: str
    path: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Folder:
    """``trouble`` is why it cannot be read; ``more`` that it holds more than is shown."""

    path: str
    entries: tuple[Entry, ...]
    trouble: str = ""
    more: bool = False


def folder_at(path: str) -> Folder:
    """What is in it: folders before files, by name, without what is hidden."""
    try:
        with os.scandir(path) as found:
            entries = [_entry(one) for one in found if not one.name.startswith(".")]
    except (OSError, ValueError) as error:
        return Folder(path, (), getattr(error, "strerror", None) or "it is no folder")
    entries.sort(key=lambda one: (one.size_bytes is not None, one.name.casefold()))
    return Folder(path, tuple(entries[:MOST]), more=len(entries) > MOST)


def _entry(found: "os.DirEntry[str]") -> Entry:
    try:
        if found.is_dir():
            return Entry(found.name, found.path, None)
        return Entry(found.name, found.path, found.stat().st_size)
    except OSError:
        # A link that leads nowhere.
        return Entry(found.name, found.path, 0)


def parent_of(path: str) -> str:
    """The folder above."""
    return str(Path(path).parent)


def home() -> str:
    """Where looking begins: the person's own folder, or the top where that is gone."""
    try:
        place = Path.home()
    except RuntimeError:
        return "/"
    return str(place) if place.is_dir() else "/"


def whole(typed: str) -> str:
    """The path that was meant: ``~`` is the person's own folder."""
    return os.path.expanduser(typed)  # noqa: PTH111 - Path would drop a trailing slash


def short(path: str) -> str:
    """As a person reads it: their own folder is ``~``."""
    own = home().rstrip("/")
    return f"~{path[len(own) :]}" if own and (path == own or path.startswith(f"{own}/")) else path


def completed(typed: str) -> str | None:
    """How what was typed may go on: the first folder or file that begins so."""
    before, _, begun = typed.rpartition("/")
    if "/" not in typed:
        return None
    folder = folder_at(whole(f"{before}/"))
    for one in folder.entries:
        if one.name.startswith(begun) and one.name != begun and one_line(one.name) == one.name:
            return f"{before}/{one.name}{'/' if one.size_bytes is None else ''}"
    return None
