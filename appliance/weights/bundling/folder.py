"""A bundle's folder as it is read: held open, by descriptor, following no link.

Only files that the manifest names are ever opened. What else lies there is told, and a bundle that has it is
refused; what operating systems drop on sticks by themselves is passed over.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Self

from appliance.errors import BadRequest, IntegrityFailed, NotFound
from appliance.trust.signed import MOST_BYTES
from appliance.weights.bundling.manifest import MANIFEST, REFUSED, Manifest, Piece

_MOST_ENTRIES: Final = 50_000
_MOST_DEPTH: Final = 8
_DROPPED: Final = frozenset(
    {".ds_store", "thumbs.db", "desktop.ini", "system volume information", ".trashes"}
)
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class BundleFolder:
    """Use as a context. ``descriptor`` is the folder's."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: Final = descriptor

    @classmethod
    def at(cls, path: str) -> Self:
        """Raises ``BadRequest`` for a path that is not absolute, ``NotFound`` where no folder can be read."""
        if not Path(path).is_absolute():
            raise BadRequest("Name the bundle's folder with its whole path, from / on.", param="folder")
        try:
            return cls(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        except OSError as error:
            raise NotFound(
                f"No bundle can be read there ({error.strerror}). Carrel's user has to see the folder: mount "
                "the stick so that every user may read it, or copy the bundle where that user may.",
                param="folder",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def manifest(self) -> str:
        """The signed manifest as it lies there. Raises ``NotFound`` for a bundle without one."""
        try:
            with self.open(MANIFEST) as opened:
                raw = os.pread(opened, MOST_BYTES + 1, 0)
        except FileNotFoundError:
            raise NotFound(
                "There is no finished bundle: manifest.jws is missing. `carrel bundle create` writes it "
                "last; run it again to finish the bundle.",
                param="folder",
            ) from None
        except OSError as error:
            raise IntegrityFailed(f"The bundle's manifest cannot be read ({error.strerror}).") from error
        return raw.decode("ascii", "replace").strip()

    @contextmanager
    def open(self, name: str) -> Iterator[int]:
        """A descriptor of a file by its path in the bundle. Raises ``OSError``; ``EINVAL`` for what is no
        file of its own: a link, a device, a second name of another file.
        """
        *folders, last = name.split("/")
        with ExitStack() as held:
            within = self._descriptor
            for one in folders:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
                within = os.open(one, flags, dir_fd=within)
                held.callback(os.close, within)
            opened = os.open(last, _READ, dir_fd=within)
            held.callback(os.close, opened)
            if not _own_file(os.fstat(opened)):
                raise OSError(errno.EINVAL, "not a file of its own")
            yield opened

    def sizes(self) -> dict[str, int]:
        """Every file that is there, by path. Raises ``IntegrityFailed`` for anything that is neither a file
        nor a folder, and for far too many.
        """
        found: dict[str, int] = {}
        for count, (name, size_bytes) in enumerate(self._walk(self._descriptor, "", 0)):
            if count >= _MOST_ENTRIES:
                raise IntegrityFailed(f"The bundle has far too many files. {REFUSED}")
            found[name] = size_bytes
        return found

    def _walk(self, folder: int, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
        if depth > _MOST_DEPTH:
            raise IntegrityFailed(f"The bundle's folders are nested too deep. {REFUSED}")
        for name in sorted(_names(folder)):
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
                below = os.open(name, flags, dir_fd=folder)
                try:
                    yield from self._walk(below, f"{prefix}{name}/", depth + 1)
                finally:
                    os.close(below)
            elif _own_file(found):
                yield prefix + name, found.st_size
            else:
                raise IntegrityFailed(
                    f"The bundle holds something that is no file: {_shown(name)}. {REFUSED}"
                )


@contextmanager
def opened(path: str) -> Iterator[BundleFolder]:
    """The folder for a scope; what the system refuses meanwhile in our words."""
    with BundleFolder.at(path) as folder:
        try:
            yield folder
        except OSError as error:
            raise IntegrityFailed(
                f"The bundle cannot be read to its end ({error.strerror}); copy it anew, to another stick."
            ) from error


def differences(manifest: Manifest, sizes: dict[str, int]) -> tuple[list[str], list[str], list[str]]:
    """By path: what is missing, what has another size, what is there besides."""
    wanted: dict[str, Piece] = manifest.files
    missing = sorted(wanted.keys() - sizes.keys())
    wrong = sorted(name for name in wanted.keys() & sizes.keys() if sizes[name] != wanted[name].size_bytes)
    extra = sorted(sizes.keys() - wanted.keys() - {MANIFEST})
    return missing, wrong, [_shown(one) for one in extra]


def _names(folder: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for count, one in enumerate(entries):
            if count >= _MOST_ENTRIES:
                raise IntegrityFailed(f"The bundle has far too many files. {REFUSED}")
            if one.name.lower() not in _DROPPED and not one.name.startswith("._"):
                yield one.name


def _own_file(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _shown(name: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in name)[:200]
