"""The files of all models by their SHA-256: each is once on the disk, however many models name it.

``.blobs/<sha256>`` holds what was verified, ``.incoming/<sha256>.part`` what is on its way, and a model's
folder ``<recipe id>/<name>`` hard links to blobs, so that engines open plain files. Whatever stands under a
model's name was whole before it got there: linked in ``.placing``, then renamed.

What else lies in these folders is not ours and stays. All of it blocks.
"""

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.folders import (
    alone,
    disk_errors,
    forget,
    make_folder,
    names_in,
    open_file,
    open_folder,
    regular,
)
from appliance.weights.leaving import Leaving
from appliance.weights.linking import Link, Linker, hard_link
from appliance.weights.plain_names import plain_id, plain_name, plain_sha256
from appliance.weights.staging import Staging, clear

BLOBS: Final = ".blobs"
INCOMING: Final = ".incoming"
PLACING: Final = ".placing"
_OURS: Final = (BLOBS, INCOMING, PLACING)
_PRIVATE: Final = 0o700
_READABLE: Final = 0o444
_ENTERED: Final = 0o2755


class BlobStore:
    """In ``models_dir``, which exists. Raises ``StorageUnavailable`` where the disk is full or refuses,
    ``IntegrityFailed`` for names that are none.
    """

    def __init__(self, models_dir: Path, link: Link = hard_link) -> None:
        self._dir: Final = models_dir
        self._link: Final = link

    def blob(self, sha256: str) -> Path:
        """Where a verified file lies, or would."""
        return self._dir / BLOBS / plain_sha256(sha256)

    def part(self, sha256: str) -> Path:
        """Where a file is written until it is verified; what belongs to it has its name and a dot more."""
        return self._dir / INCOMING / f"{plain_sha256(sha256)}.part"

    def prepare(self) -> None:
        """Make the folders that are missing, for this user alone."""
        with self._opened() as folder:
            for name in _OURS:
                make_folder(name, _PRIVATE, within=folder)

    def has(self, file: RecipeFile) -> bool:
        """Whether it is here: a regular file of that size, which was verified when it came."""
        sha256 = plain_sha256(file.sha256)
        try:
            with open_folder(self._dir, follow=True) as folder, open_folder(BLOBS, within=folder) as blobs:
                found = regular(sha256, within=blobs)
        except OSError:
            return False
        return found is not None and found.st_size == file.size_bytes

    def adopt(self, file: RecipeFile) -> None:
        """Make a blob of the part, whose hash the caller has seen; it is on the disk when this returns. A
        blob that is there already is replaced: whoever runs on it keeps the old one.

        Raises ``IntegrityFailed`` where the part is not there, no file or of another size.
        """
        part, sha256 = self.part(file.sha256).name, file.sha256
        with self._ready() as folder, _two(folder, INCOMING, BLOBS) as (incoming, blobs):
            found = regular(part, within=incoming)
            if found is None or found.st_size != file.size_bytes:
                raise IntegrityFailed(f"{file.name} is not here as a whole; run `carrel model pull` again.")
            with open_file(part, within=incoming) as opened:
                os.fchmod(opened, _mode(folder) & _READABLE)
                os.fsync(opened)
            os.replace(part, sha256, src_dir_fd=incoming, dst_dir_fd=blobs)
            os.fsync(blobs)
            os.fsync(incoming)

    def place(self, recipe_id: str, files: Sequence[RecipeFile]) -> Path:
        """Give verified files their names in the model's folder, which is what this returns. What has such a
        name there is replaced; engines that run on it keep what they opened.

        Raises ``IntegrityFailed`` for a file that has no blob.
        """
        name = plain_id(recipe_id)
        for file in files:
            plain_name(file.name)
        with self._ready() as folder, _two(folder, BLOBS, PLACING) as (blobs, placing), alone(placing):
            linker = Linker(blobs, self._link)
            staging = Staging(name, placing=placing, models=folder)
            staging.stage(files, linker, mode=_mode(folder) & _ENTERED)
            staging.settle()
            for sha256 in linker.copied:
                forget(sha256, within=blobs)
        return self._dir / name

    def would_free(self, recipe_id: str, names: Collection[str]) -> int:
        """Bytes that ``remove`` would give back: of files that no other model has."""
        with self._leaving(recipe_id) as leaving:
            return leaving.would_free(names)

    def remove(self, recipe_id: str, names: Collection[str]) -> int:
        """Take these names from the model's folder, and what nobody has any more from the disk. Returns the
        bytes that it gave back. A name that is not there is removed already; other files there stay.
        """
        with self._leaving(recipe_id) as leaving:
            return leaving.remove(names)

    def disown(self, recipe_id: str, file: RecipeFile) -> None:
        """The model's file is not what its name says. If it is the blob, that counts as missing from now on,
        so that a pull fetches it again; models that have it keep their link, and refuse to load.
        """
        name = plain_id(recipe_id)
        with self._ready() as folder, open_folder(BLOBS, within=folder) as blobs:
            with open_folder(name, within=folder) as model:
                is_blob = Linker(blobs, self._link).leads_to(file, within=model)
            if is_blob:
                forget(plain_sha256(file.sha256), within=blobs)
                os.fsync(blobs)

    def discard(self, sha256s: Collection[str]) -> int:
        """Drop what was fetched of files and is in no model: parts, what belongs to them, and blobs. Returns
        the bytes that it gave back.
        """
        parts = {sha256: self.part(sha256).name for sha256 in sha256s}
        with self._ready() as folder, _two(folder, BLOBS, INCOMING) as (blobs, incoming):
            return sum(_discard(part, sha256, blobs, incoming) for sha256, part in parts.items())

    @contextmanager
    def _leaving(self, recipe_id: str) -> Iterator[Leaving]:
        name = plain_id(recipe_id)
        with self._ready() as folder, _two(folder, BLOBS, PLACING) as (blobs, placing), alone(placing):
            clear(name, placing=placing)
            yield Leaving(name, models=folder, blobs=blobs)

    @contextmanager
    def _ready(self) -> Iterator[int]:
        self.prepare()
        with self._opened() as folder:
            yield folder

    @contextmanager
    def _opened(self) -> Iterator[int]:
        # An operator may well have put a link to another disk in place of the whole folder.
        with disk_errors(), open_folder(self._dir, follow=True) as folder:
            yield folder


def _mode(folder: int) -> int:
    """Who may read what is in ``models_dir`` may read what is placed there: workers can be another user."""
    return stat.S_IMODE(os.fstat(folder).st_mode)


@contextmanager
def _two(folder: int, first: str, second: str) -> Iterator[tuple[int, int]]:
    with open_folder(first, within=folder) as one, open_folder(second, within=folder) as other:
        yield one, other


def _discard(part: str, sha256: str, blobs: int, incoming: int) -> int:
    freed = 0
    for name in names_in(incoming):
        if name == part or name.startswith(f"{part}."):
            freed += _drop(name, incoming)
    blob = regular(sha256, within=blobs)
    return freed + (_drop(sha256, blobs) if blob is not None and blob.st_nlink == 1 else 0)


def _drop(name: str, folder: int) -> int:
    found = regular(name, within=folder)
    if found is None:
        return 0
    forget(name, within=folder)
    return found.st_blocks * 512
