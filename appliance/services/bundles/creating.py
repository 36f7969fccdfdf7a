"""``bundle create``: which models may go onto a bundle, and what goes with them."""

import asyncio
from pathlib import Path
from typing import Final

from appliance.domain.bundle import BundledFile, BundledModel, BundleMade, BundleOrder
from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import BadRequest, ModelNotFound, NotFound
from appliance.services.bundles.attended import Attended
from appliance.services.bundles.ports import Catalog, Files, MakerOf, Program, SignedCatalogs, Texts

_MIB: Final = 2**20
MOST_MODELS: Final = 64


class Creating:
    """``version`` is of this Carrel."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        files: Files,
        texts: Texts,
        catalogs: SignedCatalogs,
        maker: MakerOf,
        program: Program,
        clock: Clock,
        version: str,
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._texts = texts
        self._catalogs = catalogs
        self._maker = maker
        self._program = program
        self._clock = clock
        self._version = version

    async def create(
        self, attended: Attended, models: str, to: str, recipient: str, *, piece_mib: int, installer: bool
    ) -> tuple[BundleOrder, BundleMade]:
        """What was asked for, and what lies there now. Raises ``ModelNotFound``, ``NotFound`` for a model
        without its files, ``NotAllowed`` for one that may not be given on, and whatever the maker raises.
        """
        order = await asyncio.to_thread(self._order, models, to, recipient, piece_mib, installer)
        maker = self._maker(order, attended.tell)
        await attended.run(maker.prepare)
        if installer:
            await self._program.fill(Path(order.folder) / "program", attended.tell)
        return order, await attended.run(maker.make)

    def _order(self, models: str, to: str, recipient: str, piece_mib: int, installer: bool) -> BundleOrder:
        wanted: dict[str, list[RecipeForm]] = {}
        for name in _names(models):
            recipe, form = self._found(name)
            forms = wanted.setdefault(recipe.id, [])
            if form not in forms:
                forms.append(form)
        bundled = [self._bundled(self._catalog.find(one)[0], tuple(forms)) for one, forms in wanted.items()]
        names = sorted({one.recipe.approval.name for one in bundled if one.recipe.approval.by == "catalog"})
        return BundleOrder(
            folder=to,
            recipient=recipient,
            models=tuple(bundled),
            piece_bytes=piece_mib * _MIB,
            version=self._version,
            created_ms=self._clock.now_ms(),
            catalogs=tuple((name, self._catalogs.mirror_of(name)) for name in names),
            program=installer,
        )

    def _found(self, name: str) -> tuple[Recipe, RecipeForm]:
        recipe, form = self._catalog.find(name)
        if recipe.draft:
            raise ModelNotFound(
                f"{recipe.id} is a draft: its files are not known, so there is nothing to carry."
            )
        if recipe.upstream is not None:
            raise BadRequest(f"{recipe.id} is hosted elsewhere: there is nothing of it to carry.")
        return recipe, form

    def _bundled(self, recipe: Recipe, forms: tuple[RecipeForm, ...]) -> BundledModel:
        files: list[BundledFile] = []
        for form in forms:
            folder = self._files.folder_of(recipe, form)
            if folder is None:
                name = recipe.model_id(form)
                raise NotFound(f"{name} is not on this box; `carrel model pull {name}` brings it.")
            files += [BundledFile(file, str(folder / file.name)) for file in form.files]
        text = recipe.terms.text_sha256
        return BundledModel(
            recipe=recipe,
            toml=self._catalog.toml_of(recipe.id),
            forms=forms,
            files=tuple(files),
            license_text=self._texts.text(text) if text else None,
        )


def _names(models: str) -> list[str]:
    names = [one.strip() for one in models.split(",") if one.strip()]
    if not names or len(names) > MOST_MODELS:
        raise BadRequest(f"Name 1 to {MOST_MODELS} models, with commas between them.", param="models")
    return names
