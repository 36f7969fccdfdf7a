"""Takes files from a bundle: whatever is copied is hashed on its way and counts only when all of it is right.

A file grows in the store's ``.incoming`` and is read again from its beginning when an interrupted take goes
on; what a piece had wrong is cut off.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed, StorageUnavailable
from appliance.weights.bundling.digests import Digest, chunks, write_at
from appliance.weights.bundling.folder import BundleFolder
from appliance.weights.bundling.manifest import REFUSED, Manifest, Member, Piece
from appliance.weights.fetching.reserving import allocate

SUFFIX: Final = ".bundle"
OnBytes = Callable[[int], None]
"""Is told how many more bytes are here and right; what it raises ends the work."""


class Store(Protocol):
    """Where verified files live; see ``weights.blobs``."""

    def prepare(self) -> None:
        """Make its folders."""
        ...

    def part(self, sha256: str) -> Path:
        """Where a file is written until it is verified."""
        ...

    def has(self, file: RecipeFile) -> bool:
        """Whether it is here and was verified when it came."""
        ...

    def adopt(self, file: RecipeFile) -> None:
        """Make a blob of the part."""
        ...


class Taker:
    """From one bundle into one store. Everything blocks."""

    def __init__(self, folder: BundleFolder, manifest: Manifest, store: Store, on_bytes: OnBytes) -> None:
        self._folder = folder
        self._manifest = manifest
        self._store = store
        self._on_bytes = on_bytes

    def text(self, name: str, most_bytes: int) -> bytes:
        """A small member as a whole. Raises ``IntegrityFailed``."""
        member = self._member(name)
        if member.size_bytes > most_bytes:
            raise IntegrityFailed(f"{name} is far too large for what it is. {REFUSED}")
        with self._folder.open(name) as descriptor:
            raw = os.pread(descriptor, member.size_bytes + 1, 0)
        if len(raw) != member.size_bytes or hashlib.sha256(raw).hexdigest() != member.sha256:
            raise _damaged(name)
        return raw

    def lacks(self, file: RecipeFile) -> bool:
        """Whether the bundle does not have a file of that hash and size."""
        member = self._manifest.member(f"blobs/{file.sha256}")
        return member is None or member.size_bytes != file.size_bytes

    def needed_bytes(self, file: RecipeFile) -> int:
        """How much room it still takes."""
        if self._store.has(file):
            return 0
        with suppress(OSError):
            return max(0, file.size_bytes - self._growing(file).stat().st_size)
        return file.size_bytes

    def reserve(self, file: RecipeFile) -> None:
        """Take the room on the disk that it still needs. Raises ``StorageUnavailable``."""
        if file.size_bytes and not self._store.has(file):
            with _opened(self._growing(file)) as descriptor, _disk_errors():
                allocate(descriptor, file.size_bytes, longer=False)

    def take(self, file: RecipeFile) -> None:
        """Have it in the store, verified. Raises ``IntegrityFailed`` for bytes that are not those of the
        recipe, ``StorageUnavailable`` for a full disk.
        """
        if self._store.has(file):
            self._on_bytes(file.size_bytes)
            return
        growing, member = self._growing(file), self._member(f"blobs/{file.sha256}")
        with _opened(growing) as descriptor:
            whole = self._grow(member, descriptor)
            with _disk_errors():
                os.ftruncate(descriptor, file.size_bytes)
                os.fsync(descriptor)
        if whole != file.sha256:
            growing.unlink()
            raise _damaged(member.name)
        for left in growing.parent.glob(f"{self._store.part(file.sha256).name}.*"):
            if left != growing:
                left.unlink(missing_ok=True)  # what a download had noted of the part that is replaced now
        growing.replace(self._store.part(file.sha256))
        self._store.adopt(file)

    def _grow(self, member: Member, out: int) -> str:
        whole: Digest = hashlib.sha256()
        start = 0
        for name, piece in member.files():
            whole = self._known(out, start, piece, whole) or self._copied(out, start, name, piece, whole)
            start += piece.size_bytes
            self._on_bytes(piece.size_bytes)
        return whole.hexdigest()

    def _known(self, out: int, start: int, piece: Piece, whole: Digest) -> Digest | None:
        """``whole`` fed with this piece, where an earlier try got it right; else None."""
        if os.fstat(out).st_size < start + piece.size_bytes:
            return None
        own, fed = hashlib.sha256(), whole.copy()
        for chunk in chunks(out, start, piece.size_bytes):
            own.update(chunk)
            fed.update(chunk)
            self._on_bytes(0)
        return fed if own.hexdigest() == piece.sha256 else None

    def _copied(self, out: int, start: int, name: str, piece: Piece, whole: Digest) -> Digest:
        """``whole`` fed with this piece as it comes from the bundle."""
        own, at = hashlib.sha256(), start
        os.ftruncate(out, start)
        with self._folder.open(name) as source:
            for chunk in chunks(source, 0, piece.size_bytes):
                own.update(chunk)
                whole.update(chunk)
                with _disk_errors():
                    write_at(out, at, chunk)
                at += len(chunk)
                self._on_bytes(0)
        if at != start + piece.size_bytes or own.hexdigest() != piece.sha256:
            os.ftruncate(out, start)
            raise _damaged(name)
        return whole

    def _growing(self, file: RecipeFile) -> Path:
        part = self._store.part(file.sha256)
        return part.with_name(part.name + SUFFIX)

    def _member(self, name: str) -> Member:
        member = self._manifest.member(name)
        if member is None:
            raise IntegrityFailed(f"{name} is not on the bundle. {REFUSED}")
        return member


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    with _disk_errors():
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(
            f"The models' disk does not take it ({error.strerror}). Free some space with `carrel model "
            "remove MODEL`, then run the same command again: it goes on from here."
        ) from error


def _damaged(name: str) -> IntegrityFailed:
    return IntegrityFailed(
        f"{name} on the bundle is damaged: its bytes are not those that were signed. Copy the bundle anew, "
        "then run the same command again; what is right is kept."
    )
