"""Writes files of a bundle onto a stick: whole or not at all, read back before they count, kept where an
earlier try had them right.

Sticks lie: what was written is flushed, thrown out of the page cache and read again.
"""

import errno
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.errors import BadRequest, CarrelError, IntegrityFailed, StorageUnavailable
from appliance.weights.bundling.digests import CHUNK_BYTES, Digest
from appliance.weights.bundling.manifest import Piece

UNFINISHED: Final = ".part"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

OnBytes = Callable[[int], None]
"""Is told how many more bytes are done, often none; what it raises ends the work."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a file."""

    start: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Written:
    """One file of the bundle, as it lies there. ``kept``: it was there already."""

    piece: Piece
    kept: bool


class Stick:
    """The bundle's folder while it is made."""

    def __init__(self, folder: Path, on_bytes: OnBytes) -> None:
        self._folder: Final = folder
        self._on_bytes = on_bytes

    def write(self, name: str, raw: bytes) -> Piece:
        """A small file, by its path in the bundle."""
        return self.copy(name, io.BytesIO(raw), Slice(0, len(raw)), hashlib.sha256()).piece

    def copy(self, name: str, source: io.RawIOBase | io.BytesIO, cut: Slice, whole: Digest) -> Written:
        """A slice of ``source`` becomes the file ``name``; ``whole`` is fed with it, once.

        Raises ``IntegrityFailed`` where the source ends before, or the stick gives back other bytes.
        """
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        there = _there(path, cut.size_bytes)
        if there is not None:
            if self._pour(source, cut, [whole]) == there:
                self._on_bytes(cut.size_bytes)
                return Written(Piece(cut.size_bytes, there), kept=True)
            whole = hashlib.sha256()  # it has had these bytes
        with _opened_for_writing(path) as out:
            sha256 = self._pour(source, cut, [whole], out)
        _settle(path, cut.size_bytes, sha256)
        self._on_bytes(cut.size_bytes)
        return Written(Piece(cut.size_bytes, sha256), kept=False)

    def _pour(
        self,
        source: io.RawIOBase | io.BytesIO,
        cut: Slice,
        digests: list[Digest],
        out: io.FileIO | None = None,
    ) -> str:
        own, left = hashlib.sha256(), cut.size_bytes
        source.seek(cut.start)
        while left:
            chunk = source.read(min(left, CHUNK_BYTES))
            if not chunk:
                raise IntegrityFailed(
                    "A file of the model ended too early; `carrel model verify MODEL` looks at it."
                )
            for digest in (own, *digests):
                digest.update(chunk)
            if out is not None:
                _write_all(out, chunk)
            left -= len(chunk)
            self._on_bytes(0)
        return own.hexdigest()


def _there(path: Path, size_bytes: int) -> str | None:
    """The hash of what an earlier try left, None where it left nothing of that size."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size != size_bytes:
            return None
        return digest_of(path)
    except OSError:
        return None


def _settle(path: Path, size_bytes: int, sha256: str) -> None:
    part = path.with_name(path.name + UNFINISHED)
    if part.stat().st_size != size_bytes or digest_of(part) != sha256:
        part.unlink(missing_ok=True)
        raise IntegrityFailed(
            f"What was written as {path.name} came back with other bytes: this stick is broken. Take another "
            "one."
        )
    part.replace(path)
    flush(path.parent)


def digest_of(path: Path) -> str:
    """Of a file as the disk has it, not as it is remembered."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def flush(folder: Path) -> None:
    """What was renamed in it stays renamed. Not every stick's file system knows how."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def stick_errors() -> Iterator[None]:
    """What the system refuses, in our words."""
    try:
        yield
    except OSError as error:
        raise _told(error) from error


@contextmanager
def _opened_for_writing(path: Path) -> Iterator[io.FileIO]:
    """Under an unfinished name, which is gone again if anything goes wrong."""
    part = path.with_name(path.name + UNFINISHED)
    part.unlink(missing_ok=True)
    try:
        with io.FileIO(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), "w") as out:
            yield out
            os.fsync(out.fileno())
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _write_all(out: io.FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[out.write(rest) :]


def _told(error: OSError) -> CarrelError:
    if error.errno in _FULL:
        return StorageUnavailable(
            "There is no more room where the bundle goes. Run the same command with a larger stick, or free "
            "some of this one and run it again: what is right is kept."
        )
    return BadRequest(
        f"The bundle's folder cannot be written ({error.strerror}). Carrel's user needs to: mount the stick "
        "so that it may, or name a folder that is its own, and copy the bundle to the stick from there.",
        param="to",
    )
