"""What a disk holds after the power was cut: pure replay of recorded calls.

The rule of POSIX and no more: a write is durable once an ``fsync`` or ``fdatasync`` of its file that began
after it is done; a name is durable once its folder was synced. Everything else may be there, or not, or in
parts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from tests.durability.strace_log import Created, Event, Removed, Renamed, Resized, Said, Synced, Written

SECTOR_BYTES = 512

Survives = Callable[[], bool]
"""Asked for each thing that was not synced: each write's sectors, each resize, each name."""


@dataclass
class _Change:
    event: Event
    synced: bool = False


@dataclass
class _Changes:
    """In the order in which they were done; ``open`` are those that no sync has covered yet."""

    all: list[_Change] = field(default_factory=list)
    open: list[_Change] = field(default_factory=list)

    def add(self, change: _Change) -> None:
        self.all.append(change)
        self.open.append(change)

    def sync(self, sync: Event) -> None:
        for change in self.open:
            change.synced = change.event.done < sync.begun
        self.open = [change for change in self.open if not change.synced]


@dataclass
class _File:
    changes: _Changes = field(default_factory=_Changes)


@dataclass
class _Naming(_Change):
    """``names`` says what each name stands for from now on; None: nothing."""

    names: dict[str, _File | None] = field(default_factory=dict)


Disk = Callable[[Survives], dict[str, bytes]]
"""Files by path, by what survives of all that was not synced."""


def after_cut(events: Iterable[Event], cut: int) -> Disk:
    """The disk after the power went when line ``cut`` of the log would have come."""
    live: dict[str, _File] = {}
    namings = _Changes()
    for event in events:
        if event.done >= cut:
            break
        match event:
            case Created() | Removed() | Renamed():
                if naming := _name(event, live):
                    namings.add(naming)
            case Written() | Resized():
                if event.path in live:
                    live[event.path].changes.add(_Change(event))
            case Synced():
                (live[event.path].changes if event.path in live else namings).sync(event)
    return partial(_contents, namings.all)


def said_by(events: Iterable[Event], cut: int) -> list[Said]:
    """What others may have heard before the cut: counted from the moment the call began."""
    return [event for event in events if isinstance(event, Said) and event.begun < cut]


def _name(event: Event, live: dict[str, _File]) -> _Naming | None:
    names: dict[str, _File | None] = {}
    match event:
        case Created(path=path) if path not in live:
            live[path] = _File()
            names = {path: live[path]}
        case Removed(path=path) if path in live:
            del live[path]
            names = {path: None}
        case Renamed(path=path, target=target) if path in live:
            live[target] = live.pop(path)
            names = {path: None, target: live[target]}
    return _Naming(event, names=names) if names else None


def _contents(namings: Iterable[_Naming], survives: Survives) -> dict[str, bytes]:
    files: dict[str, _File | None] = {}
    for naming in namings:
        if naming.synced or survives():
            files.update(naming.names)
    return {path: _content(file, survives) for path, file in files.items() if file is not None}


def _content(file: _File, survives: Survives) -> bytes:
    content = bytearray()
    for change in file.changes.all:
        match change.event:
            case Resized(size=size) if change.synced or survives():
                del content[size:]
                content.extend(bytes(size - len(content)))
            case Written(offset=offset, data=data) if change.synced:
                _put(content, offset, data)
            case Written(offset=offset, data=data):
                for start in range(0, len(data), SECTOR_BYTES):
                    if survives():
                        _put(content, offset + start, data[start : start + SECTOR_BYTES])
    return bytes(content)


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
