"""A folder of this machine with a model in it. Nothing in it is changed, and no link in it is followed."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from appliance.domain.listing import ListedFile
from appliance.domain.source import WeightSource
from appliance.errors import BadRequest, IntegrityFailed, NotFound

_MOST_FILES: Final = 10_000
_DEEPEST: Final = 4
_BUFFER_BYTES: Final = 2**20


class FolderSource:
    """``folder`` is absolute."""

    def __init__(self, folder: Path) -> None:
        """Raises ``NotFound`` where there is no such folder."""
        if not folder.is_dir():
            raise NotFound(f"There is no folder {folder.name}; name one that has a model's files in it.")
        self._folder = folder

    @property
    def name(self) -> str:
        """Of the folder alone."""
        return self._folder.name or "model"

    @property
    def place(self) -> WeightSource:
        """Where its files can be had from now on."""
        return WeightSource("folder", folder=str(self._folder))

    def files(self) -> Sequence[ListedFile]:
        """Regular files, also of folders in it. Raises ``BadRequest`` for a folder that holds too much."""
        found = sorted(self._walk(self._folder, 0), key=lambda one: one.path)
        if not found and any(one.is_symlink() for one in self._folder.iterdir()):
            raise BadRequest(
                f"{self.name} holds links only, as the hub's own cache does, and no link is followed; copy "
                "the files with `cp -rL`, and name the copy."
            )
        return found

    def sha256(self, file: ListedFile) -> str:
        """Read from end to end."""
        with self._open(file) as opened:
            digest = hashlib.sha256()
            while chunk := opened.read(_BUFFER_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def whole(self, file: ListedFile, most_bytes: int) -> bytes:
        """Its content. Raises ``BadRequest`` for one that is larger."""
        with self._open(file) as opened:
            content = opened.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise BadRequest(f"{file.name} has over {most_bytes} bytes, which no file of its kind needs.")
        return content

    @contextmanager
    def laid_out(self, files: Sequence[ListedFile]) -> Iterator[Mapping[str, Path]]:
        """Where they are."""
        yield {one.name: self._folder / one.path for one in files}

    def _walk(self, folder: Path, depth: int) -> Iterator[ListedFile]:
        try:
            entries = sorted(os.scandir(folder), key=lambda one: one.name)[:_MOST_FILES]
        except OSError as error:
            raise NotFound(f"The folder {folder.name} cannot be read: {error.strerror}.") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST and not entry.name.startswith("."):
                    yield from self._walk(folder / entry.name, depth + 1)
            elif entry.is_file(follow_symlinks=False):
                path = (folder / entry.name).relative_to(self._folder).as_posix()
                yield ListedFile(path, entry.stat(follow_symlinks=False).st_size)

    @contextmanager
    def _open(self, file: ListedFile) -> Iterator[BinaryIO]:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(self._folder / file.path, flags), "rb") as opened:
                if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                    raise IntegrityFailed(f"{file.name} is not a regular file any more.")
                yield opened
        except OSError as error:
            raise IntegrityFailed(f"{file.name} cannot be read: {error.strerror}.") from error
