"""Looks at every file of a form, and inside them where all are what they should be."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.domain.results import FileCheck, FormCheck
from appliance.domain.verification import FileVerdict
from appliance.errors import CarrelError, IntegrityFailed
from appliance.services.verifying.ports import Files, ReadShapes

Tell = Callable[[str], None]
"""Hears how far something is, in words."""


class FileChecks:
    """Of one call of the operator's: a file that several forms share is read once."""

    def __init__(self, files: Files, read_shapes: ReadShapes, tell: Tell) -> None:
        self._files = files
        self._read_shapes = read_shapes
        self._tell = tell
        self._known: dict[tuple[Path, RecipeFile], FileVerdict] = {}
        self._left = False

    async def check(self, recipe: Recipe, form: RecipeForm) -> FormCheck:
        """All files of one form."""
        folder = self._files.nearest(recipe, form)
        if folder is None:
            verdicts = [_nowhere(file) for file in form.files]
        else:
            verdicts = [await self._verdict(file, folder) for file in form.files]
        sound = folder is not None and all(one.state == "ok" for one in verdicts)
        ok, reason = await self._inside(form, folder) if sound and folder else (False, None)
        return FormCheck(
            id=f"{recipe.id}@{form.name}",
            ok=ok,
            files=tuple(map(_file_check, form.files, verdicts)),
            reason=reason,
        )

    async def _verdict(self, file: RecipeFile, folder: Path) -> FileVerdict:
        known = self._known.get((folder, file))
        if known is None:
            known = await self._read(file, folder)
            self._known[folder, file] = known
        return known

    async def _read(self, file: RecipeFile, folder: Path) -> FileVerdict:
        try:
            return await asyncio.to_thread(self._files.check, file, folder, self._follow(file))
        except asyncio.CancelledError:
            self._left = True
            raise

    def _follow(self, file: RecipeFile) -> Callable[[float], None]:
        def follow(part: float) -> None:
            if self._left:
                raise IntegrityFailed("Nobody waits for this any more.")
            self._tell(f"{file.name}: {part:.0%} read")

        return follow

    async def _inside(self, form: RecipeForm, folder: Path) -> tuple[bool, str | None]:
        """Whether the engine takes them for a model, and what it says."""
        try:
            await asyncio.to_thread(self._read_shapes, form, folder)
        except IntegrityFailed as error:
            return False, error.message
        except CarrelError as error:
            # No fault of the files: the engine is not installed, or cannot look.
            return True, f"Nobody could look inside: {error.message}"
        return True, None


def _nowhere(file: RecipeFile) -> FileVerdict:
    return FileVerdict("missing", f"{file.name} is not on this box.")


def _file_check(file: RecipeFile, verdict: FileVerdict) -> FileCheck:
    return FileCheck(
        name=file.name, size_bytes=file.size_bytes, state=verdict.state, reason=verdict.reason or None
    )
