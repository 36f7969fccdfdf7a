"""Reads what a process did to the files of one folder, and what it told others, from a log of strace.

The log is made by ``recording(...)``; every string in it is hexadecimal. A call that other threads
interleave with is two lines, so each event knows the line on which it began and the one on which it was
done.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "openat,open,creat,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,ftruncate,truncate,fallocate,"
    "copy_file_range,sendfile,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,unlink,unlinkat,mmap"
)
MOST_BYTES = 1_000_000


def recording(log: Path) -> tuple[str, ...]:
    """The command to put before a program, so that its process tree is recorded."""
    return ("strace", "-f", "-qq", "-xx", "-y", "-s", str(MOST_BYTES), "-e", f"trace={CALLS}", "-o", str(log))


@dataclass(frozen=True, slots=True)
class Event:
    """One call that succeeded. ``path`` is the file it concerns."""

    begun: int
    done: int
    path: str


@dataclass(frozen=True, slots=True)
class Created(Event):
    """A name appeared, or was there before."""


@dataclass(frozen=True, slots=True)
class Removed(Event):
    """A name went."""


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """A name became another, which it replaces."""

    target: str


@dataclass(frozen=True, slots=True)
class Written(Event):
    """Bytes were written."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Resized(Event):
    """A file was cut or extended."""

    size: int


@dataclass(frozen=True, slots=True)
class Synced(Event):
    """A file, or the names in a folder, were made durable."""


@dataclass(frozen=True, slots=True)
class Said(Event):
    """Bytes went to someone outside the folder; ``path`` names the channel."""

    data: bytes


class UnknownCall(Exception):
    """The program changes a file in a way that the replay does not know."""


@dataclass(frozen=True, slots=True)
class _Call:
    begun: int
    done: int
    name: str
    arguments: str
    result: int
    result_path: str


_STARTED = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)$")
_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)(?:<(.*?)>)?(?:\(deleted\))?$")
_KILLED = re.compile(r"= \?$")
_SEND = re.compile(r"(write|sendto|sendmsg|writev)\((.*)$")
_DESCRIPTOR = re.compile(r"\d+<([^>]*)>(\(deleted\))?")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


def read_log(log: Path, folder: Path) -> list[Event]:
    """Events of the log in the order in which they were done. Raises ``UnknownCall``."""
    with log.open(encoding="ascii") as lines:
        return [event for call in _calls(lines) for event in _events(call, str(folder))]


def _calls(lines: Iterable[str]) -> Iterator[_Call]:
    started: dict[str, tuple[int, str]] = {}
    number = 0
    for number, line in enumerate(lines):
        begun, text = number, line.rstrip("\n")
        if match := _STARTED.match(text):
            started[match[1]] = (number, match[2])
            continue
        if _KILLED.search(text):
            continue
        if match := _RESUMED.match(text):
            begun, beginning = started.pop(match[1])
            text = beginning + match[2]
        if match := _CALL.match(text):
            yield _Call(begun, number, match[1], match[2], int(match[3], 0), _decode(match[4] or ""))
    yield from _sends_cut_short(started.values(), number + 1)


def _sends_cut_short(started: Iterable[tuple[int, str]], end: int) -> Iterator[_Call]:
    """The process was killed in them: their bytes may have gone out."""
    for begun, text in started:
        if match := _SEND.match(text):
            yield _Call(begun, end, match[1], match[2], MOST_BYTES, "")


def _events(call: _Call, folder: str) -> Iterator[Event]:
    if call.result < 0:
        return
    at = (call.begun, call.done)
    match call.name:
        case "openat" | "open" | "creat":
            yield from _opened(call, folder)
        case "unlink" | "unlinkat":
            if _inside(path := _texts(call)[0], folder):
                yield Removed(*at, path)
        case "rename" | "renameat" | "renameat2":
            source, target = _texts(call)
            if _inside(source, folder) or _inside(target, folder):
                yield Renamed(*at, source, target)
        case _:
            yield from _on_descriptor(call, folder)


def _opened(call: _Call, folder: str) -> Iterator[Event]:
    path = call.result_path
    if _inside(path, folder) and ("O_CREAT" in call.arguments or call.name == "creat"):
        yield Created(call.begun, call.done, path)
    if _inside(path, folder) and ("O_TRUNC" in call.arguments or call.name == "creat"):
        yield Resized(call.begun, call.done, path, 0)


def _on_descriptor(call: _Call, folder: str) -> Iterator[Event]:
    descriptor = _DESCRIPTOR.search(call.arguments)
    if descriptor is None or descriptor[2]:
        return
    path = _decode(descriptor[1])
    if _is_beside(path):
        return
    at = (call.begun, call.done, path)
    inside = _inside(path, folder)
    match call.name:
        case "fsync" | "fdatasync" if inside or path == folder:
            yield Synced(*at)
        case "pwrite64" if inside:
            yield Written(*at, int(call.arguments.rpartition(", ")[2]), _data(call))
        case "ftruncate" if inside:
            yield Resized(*at, int(call.arguments.rpartition(", ")[2]))
        case "mmap" if inside and not ("MAP_SHARED" in call.arguments and "PROT_WRITE" in call.arguments):
            return
        case "write" | "sendto" | "sendmsg" | "writev" if not inside:
            yield Said(*at, _data(call))
        case _ if inside:
            raise UnknownCall(f"{call.name} on {Path(path).name}")


def _inside(path: str, folder: str) -> bool:
    # The -shm file is memory shared by the connections of one boot; SQLite rebuilds it after a power cut.
    return path.startswith(folder + "/") and not path.endswith("-shm") and not _is_beside(path)


def _is_beside(path: str) -> bool:
    # Files of their own, written whole beside the database: no part of what is replayed.
    return Path(path).name.lstrip(".").startswith(("audit-head", "box-key.pem"))


def _texts(call: _Call) -> list[str]:
    return [_decode(match[1]) for match in _TEXT.finditer(call.arguments)]


def _data(call: _Call) -> bytes:
    pieces = list(_TEXT.finditer(call.arguments))
    if any(piece[2] for piece in pieces):
        raise UnknownCall(f"{call.name} of more than {MOST_BYTES} bytes")
    return b"".join(_bytes(piece[1]) for piece in pieces)[: call.result]


def _decode(text: str) -> str:
    return _bytes(text).decode() if text.startswith("\\x") else text


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
