"""Finds a file that this lab gives to others, by its hash; what is not shared is never found."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from appliance.catalog.publishing.sharing import WEIGHTS_PATH
from appliance.domain.recipe import Recipe, RecipeFile
from appliance.domain.sharing import SentList
from appliance.errors import CarrelError, NotFound
from appliance.policy.sharing import Wanted
from appliance.services.sharing.own_list import Shared
from appliance.services.sharing.ports import Blobs, Catalog, Files


@dataclass(frozen=True, slots=True)
class SharedFile:
    """One file, and what a box needs to have it."""

    file: RecipeFile
    wanted: Wanted


class SharedNow(Protocol):
    """What this lab shares."""

    @property
    def now(self) -> SentList | None:
        """The newest list."""
        ...

    @property
    def models(self) -> "tuple[Shared, ...]":
        """All of it."""
        ...


class Shelf:
    """``find`` looks at what is shared at this moment; ``open`` blocks."""

    def __init__(self, own: SharedNow, blobs: Blobs, catalog: Catalog, files: Files) -> None:
        self._own = own
        self._blobs = blobs
        self._catalog = catalog
        self._files = files
        self._index: Mapping[str, SharedFile] = {}
        self._of: tuple[Shared, ...] | None = None

    def find(self, sha256: str) -> SharedFile:
        """Raises ``NotFound`` for every file that is in no model whose weights are shared."""
        if self._of is not self._own.models:
            self._of = self._own.models
            self._index = {file.file.sha256: file for one in self._of for file in _files_of(one)}
        found = self._index.get(sha256)
        if found is None:
            raise NotFound("This box shares no such file.")
        return found

    def open(self, found: SharedFile) -> int:
        """A descriptor to read it from. Raises ``NotFound`` where it is not here any more."""
        for path in self._places(found):
            with suppress(OSError):
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
                status = os.fstat(descriptor)
                if stat.S_ISREG(status.st_mode) and status.st_size == found.file.size_bytes:
                    return descriptor
                os.close(descriptor)
        raise NotFound("This box shares that file, and does not have it any more.")

    def _places(self, found: SharedFile) -> Iterator[Path]:
        """The blob, or where whoever runs the box has put it."""
        yield self._blobs.blob(found.file.sha256)
        _, _, own = found.wanted.model.partition(".")
        for name in (own, found.wanted.model):
            with suppress(CarrelError):
                yield from self._in_folders(self._catalog.find(name)[0], found.file.sha256)

    def _in_folders(self, recipe: Recipe, sha256: str) -> Iterator[Path]:
        for form in recipe.forms:
            folder = self._files.folder_of(recipe, form)
            if folder is not None:
                yield from (folder / file.name for file in form.files if file.sha256 == sha256)


def _files_of(shared: Shared) -> Iterator[SharedFile]:
    recipe = shared.recipe
    if shared.sharing.kind != "weights":
        return
    hosts = frozenset(_hosts(recipe))
    for file in (file for form in recipe.forms for file in form.files):
        forms = frozenset(form.sha256 for form in recipe.forms if file in form.files)
        yield SharedFile(file, Wanted(recipe.id, hosts, recipe.tier, recipe.terms.lease, forms))


def _hosts(recipe: Recipe) -> Iterator[str]:
    """Under which this box is known to others: nobody else gives files under that path."""
    for source in (source for form in recipe.forms for source in form.sources):
        if source.kind == "mirror" and source.address.endswith(f"/{WEIGHTS_PATH}"):
            yield urlsplit(source.address).netloc.lower()
