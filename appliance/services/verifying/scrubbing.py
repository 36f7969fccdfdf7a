"""Reads all files of installed models again and again, one at a time and slowly, so that what a disk loses is
found before somebody computes with it.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.errors import CarrelError

RATE_BYTES_S: Final = 32 * 2**20
"""A hundredth of what disks and processors can; a hundred gigabytes take an hour."""
LOOK_EVERY_S: Final = 900.0
_BETWEEN_FILES_S: Final = 1.0


class Catalog(Protocol):
    """What is approved."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...


class Files(Protocol):
    """The files of models on this box. All of it blocks."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        ...

    def is_due(self, file: RecipeFile, folder: Path) -> bool:
        """Whether it was not read for so long that it is time again."""
        ...

    def scrub(self, file: RecipeFile, folder: Path, on_read: Callable[[int], None]) -> None:
        """Read it from the disk and seal what is found. ``on_read`` is told how many bytes are read; what it
        raises ends the work. Raises ``IntegrityFailed``.
        """
        ...


class Scrubber:
    """``pause`` waits for so many seconds."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        files: Files,
        clock: Clock,
        rate_bytes_s: int = RATE_BYTES_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._clock = clock
        self._rate_bytes_s = rate_bytes_s
        self._pause = pause

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._pause(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Read whatever is due now."""
        for file, folder in await asyncio.to_thread(lambda: list(self._installed())):
            if await asyncio.to_thread(self._files.is_due, file, folder):
                await self._read(file, folder)
                await self._pause(_BETWEEN_FILES_S)

    def _installed(self) -> Iterator[tuple[RecipeFile, Path]]:
        """Each file once, though several forms may have it."""
        seen: set[tuple[RecipeFile, Path]] = set()
        for recipe in self._catalog.recipes:
            for form in recipe.forms:
                folder = self._files.folder_of(recipe, form)
                for file in form.files if folder is not None else ():
                    if folder is not None and (file, folder) not in seen:
                        seen.add((file, folder))
                        yield file, folder

    async def _read(self, file: RecipeFile, folder: Path) -> None:
        left = threading.Event()
        began_s = self._clock.monotonic_s()

        def slow_down(read_bytes: int) -> None:
            early_s = read_bytes / self._rate_bytes_s - (self._clock.monotonic_s() - began_s)
            if left.wait(max(0.0, early_s)):
                raise _Left("Nobody waits for the rest of the file.")

        try:
            await asyncio.to_thread(self._files.scrub, file, folder, slow_down)
        except CarrelError:
            return  # its seal says so, and the log
        finally:
            left.set()


class _Left(CarrelError):
    """The scrubber ends."""
