"""``model remove``: takes the files of a model off this box, but for what others have of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.domain.model import MODEL_ID
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import KeptFile, Removal, Result
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound
from appliance.services.downloads.downloads import DownloadService
from appliance.services.downloads.ports import Blobs, Catalog, Files, Runners, Seals


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What is to go: names in the folder of ``recipe_id``."""

    model: str
    recipe_id: str
    names: tuple[str, ...]
    kept: tuple[KeptFile, ...] = ()
    sha256s: frozenset[str] = frozenset()


class RemovalService:
    """Removes one form at a time. Nothing is downloaded anew while it does."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        files: Files,
        blobs: Blobs,
        runners: Runners,
        seals: Seals,
        downloads: DownloadService,
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._blobs = blobs
        self._runners = runners
        self._seals = seals
        self._downloads = downloads

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"model.remove": self.remove}

    async def remove(self, *, model: str, dry_run: bool) -> Removal:
        """``model remove``. Raises ``NotFound`` where nothing of it is here, ``Conflict`` while it is used,
        ``BadRequest`` for what came with Carrel or is hosted elsewhere.
        """
        async with self._downloads.changing:
            leaving = self._leaving(model)
            self._check_unused(leaving)
            work = self._blobs.would_free if dry_run else self._blobs.remove
            freed = await asyncio.to_thread(work, leaving.recipe_id, leaving.names)
            if not dry_run:
                await self._seals.forget(leaving.recipe_id, leaving.names)
            return Removal(
                model=leaving.model,
                dry_run=dry_run,
                freed_bytes=freed,
                removed=leaving.names,
                kept=leaving.kept,
            )

    def _leaving(self, model: str) -> "_Leaving":
        if not MODEL_ID.match(model):
            raise ModelNotFound("No model has that name; `carrel model list` shows those that are here.")
        try:
            recipe, form = self._catalog.find(model)
        except ModelNotFound:
            # Its recipe was withdrawn; what is in its folder can go all the same.
            names = tuple(self._files.names_in(model))
            if not names:
                raise
            return _Leaving(model, model, names)
        self._check_here(recipe, form)
        staying = self._needed_by_other_forms(recipe, form)
        return _Leaving(
            recipe.model_id(form),
            recipe.id,
            tuple(one.name for one in form.files if one.name not in staying),
            tuple(self._kept(recipe, form, staying)),
            frozenset(one.sha256 for one in form.files),
        )

    def _check_here(self, recipe: Recipe, form: RecipeForm) -> None:
        if recipe.upstream is not None:
            raise BadRequest(f"{recipe.id} is hosted elsewhere: there is nothing of it to remove.")
        folder = self._files.nearest(recipe, form) if form.files else None
        if folder is None:
            raise NotFound(f"Nothing of {recipe.model_id(form)} is on this box.")
        if self._files.is_bundled(folder):
            raise BadRequest(f"{recipe.id} came with Carrel and stays with it.")

    def _check_unused(self, leaving: "_Leaving") -> None:
        for recipe, form in self._runners.running():
            if recipe.id == leaving.recipe_id and {one.name for one in form.files} & set(leaving.names):
                name = recipe.model_id(form)
                raise Conflict(f"{name} runs; stop it first with `carrel model stop {name}`.")
        for one in self._downloads.under_way():
            if leaving.sha256s & set(one.sha256s):
                raise Conflict(
                    f"{one.model} is being downloaded and needs these files; see `carrel download list`."
                )

    def _needed_by_other_forms(self, recipe: Recipe, form: RecipeForm) -> dict[str, list[str]]:
        """Names in the same folder that stay, and for which forms: those that are here and have files of
        their own beside ours. A form that is held otherwise in memory, from the very same files, goes too.
        """
        own = {one.name for one in form.files}
        needed: dict[str, list[str]] = {}
        for other in recipe.forms:
            theirs = {one.name for one in other.files}
            if theirs - own and self._files.folder_of(recipe, other) is not None:
                for name in theirs & own:
                    needed.setdefault(name, []).append(f"{recipe.id}@{other.name}")
        return needed

    def _kept(
        self, recipe: Recipe, form: RecipeForm, staying: Mapping[str, Sequence[str]]
    ) -> Iterator[KeptFile]:
        elsewhere = [
            (other.model_id(one), {file.sha256 for file in one.files})
            for other in self._catalog.recipes
            if other.id != recipe.id
            for one in other.forms
            if one.files and self._stands_beside(other, one)
        ]
        for file in form.files:
            models = [
                *staying.get(file.name, ()),
                *(name for name, hashes in elsewhere if file.sha256 in hashes),
            ]
            if models:
                yield KeptFile(name=file.name, models=tuple(models))

    def _stands_beside(self, recipe: Recipe, form: RecipeForm) -> bool:
        folder = self._files.folder_of(recipe, form)
        return folder is not None and not self._files.is_bundled(folder)
