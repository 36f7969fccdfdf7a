"""Remembers beside a ``.part`` which of its blocks are there, through a kill and through a power cut.

A page with a header, then a byte for each block of 1 MiB: 0 it is not there; 1 it was written, and lies in
the page cache at least, which survives this process and not this boot; 2 it was on the disk before the mark
was. Whoever reads the marks on another boot believes the 2s only. Marks are changed in place, one byte each,
so that nothing of them can be torn; a header that cannot be read is no journal, and the file begins anew.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.weights.fetching.ranges import Coverage

BLOCK_BYTES: Final = 2**20
_HEADER_BYTES: Final = 4096
_WRITTEN: Final = 1
_SAFE: Final = 2
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Annotated[int, Meta(ge=1, le=1)]
    size_bytes: Annotated[int, Meta(ge=0, le=2**50)]
    boot: Annotated[str, Meta(max_length=64)]
    sources: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=40)] = ()
    """Whoever has sent a byte of it."""


def this_boot() -> str:
    """Another text after each start of the machine; a text that never comes again where nobody knows."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return os.urandom(16).hex()


class Journal:
    """Of one file. Not for several threads at once."""

    def __init__(self, descriptor: int, size_bytes: int, boot: str) -> None:
        self._descriptor = descriptor
        self._size_bytes = size_bytes
        self._boot = boot
        self._marks = bytearray(-(-size_bytes // BLOCK_BYTES))
        self._sources: tuple[str, ...] = ()

    @classmethod
    def open(cls, descriptor: int, size_bytes: int, boot: str) -> "Journal":
        """Go on with what the file says; a file that says nothing usable begins anew. Raises ``OSError``."""
        journal = cls(descriptor, size_bytes, boot)
        if not journal._read():
            journal.begin()
        return journal

    @property
    def sources(self) -> tuple[str, ...]:
        """Whoever has sent a byte since the file was begun, as ``note_source`` was told."""
        return self._sources

    def begin(self) -> None:
        """Nothing is there."""
        self._marks = bytearray(len(self._marks))
        self._sources = ()
        os.ftruncate(self._descriptor, 0)
        os.ftruncate(self._descriptor, _HEADER_BYTES + len(self._marks))
        self._write_header()

    def coverage(self) -> Coverage:
        """The bytes that are there."""
        found = Coverage()
        for number, mark in enumerate(self._marks):
            if mark:
                found.add(*self._block(number))
        return found

    def note(self, begin: int, end: int, coverage: Coverage) -> None:
        """These bytes were written; ``coverage`` has them already. Marks the blocks that are complete now."""
        for number in range(begin // BLOCK_BYTES, -(-end // BLOCK_BYTES)):
            if not self._marks[number] and coverage.within(*self._block(number)):
                self._mark(number, _WRITTEN)

    def note_source(self, source: str) -> None:
        """Somebody is about to send bytes of it."""
        if source not in self._sources:
            self._sources = (*self._sources, source)[-40:]
            self._write_header()

    def unsettled(self) -> list[int]:
        """Blocks that were written and may not be on the disk."""
        return [number for number, mark in enumerate(self._marks) if mark == _WRITTEN]

    def settle(self, blocks: Iterable[int]) -> None:
        """These are on the disk."""
        for number in blocks:
            self._mark(number, _SAFE)

    def sync(self) -> None:
        """Bring the journal itself to the disk."""
        os.fdatasync(self._descriptor)

    def _read(self) -> bool:
        told = os.pread(self._descriptor, _HEADER_BYTES, 0)
        try:
            header = msgspec.json.decode(told.rstrip(b"\0 \n"), type=_Header)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        marks = os.pread(self._descriptor, len(self._marks) + 1, _HEADER_BYTES)
        if header.size_bytes != self._size_bytes or len(marks) != len(self._marks):
            return False
        self._sources = header.sources
        if header.boot == self._boot:
            self._marks = bytearray(mark if mark in {_WRITTEN, _SAFE} else 0 for mark in marks)
            return True
        self._marks = bytearray(mark if mark == _SAFE else 0 for mark in marks)
        # The lost marks go before the boot changes: a death in between leaves the older boot.
        os.pwrite(self._descriptor, self._marks, _HEADER_BYTES)
        os.fdatasync(self._descriptor)
        self._write_header()
        return True

    def _mark(self, number: int, mark: int) -> None:
        self._marks[number] = mark
        os.pwrite(self._descriptor, bytes((mark,)), _HEADER_BYTES + number)

    def _write_header(self) -> None:
        header = msgspec.json.encode(_Header(1, self._size_bytes, self._boot, self._sources))
        os.pwrite(self._descriptor, header.ljust(_HEADER_BYTES), 0)

    def _block(self, number: int) -> tuple[int, int]:
        begin = number * BLOCK_BYTES
        return begin, min(begin + BLOCK_BYTES, self._size_bytes)
