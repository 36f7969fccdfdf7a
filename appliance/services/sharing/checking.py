"""``share check``: whether the weights of a model of this lab can be given to others."""

import asyncio
import hashlib

from appliance.catalog.publishing.sharing import refuse_unshareable, shared_id
from appliance.catalog.recipes import decode_recipe
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import ShareChecked
from appliance.errors import BadRequest, NotFound
from appliance.services.sharing.ports import Catalog, Files, Identity, Inspector, organization_of
from appliance.weights.formats import refusal_of


class ShareCheck:
    """Looks at license, kinds of files, hashes and headers, in this order: the cheapest first."""

    def __init__(self, identity: Identity, catalog: Catalog, files: Files, inspector: Inspector) -> None:
        self._identity = identity
        self._catalog = catalog
        self._files = files
        self._inspector = inspector

    async def check(self, *, model: str) -> ShareChecked:
        """``share check``. Raises ``NotLicensed``, ``BadRequest``, ``NotFound`` where its files are not here,
        ``IntegrityFailed`` where they are others or nothing may open them.
        """
        organization = organization_of(self._identity)
        recipe, _ = self._catalog.find(model)
        _refuse_anothers(recipe)
        raw = self._catalog.toml_of(recipe.id)
        refuse_unshareable(decode_recipe(raw, recipe.id))
        here = [form for form in recipe.forms if self._files.folder_of(recipe, form) is not None]
        if not here:
            raise NotFound(f"The files of {recipe.id} are not on this box, so it cannot give them.")
        for form in here:
            await self._look(recipe, form)
        files = {file.sha256: file for form in here for file in form.files}
        return ShareChecked(
            model=recipe.id,
            revision=recipe.revision,
            organization=organization,
            shared_as=shared_id(organization, recipe.id),
            toml_sha256=hashlib.sha256(raw).hexdigest(),
            forms=tuple(form.name for form in here),
            files=len(files),
            size_bytes=sum(file.size_bytes for file in files.values()),
        )

    async def _look(self, recipe: Recipe, form: RecipeForm) -> None:
        for file in form.files:
            if refusal := refusal_of(file.name):
                raise BadRequest(refusal, param="model")
        folder = self._files.folder_of(recipe, form)
        if folder is None:
            raise NotFound(f"The files of {recipe.model_id(form)} are not on this box any more.")
        await asyncio.to_thread(self._files.verify, form, folder, lambda _part: None)
        places = {file.name: folder / file.name for file in form.files}
        await self._inspector.inspect(recipe, form, places)


def _refuse_anothers(recipe: Recipe) -> None:
    if recipe.approval.by != "lab" or recipe.upstream is not None:
        raise BadRequest(
            f"{recipe.id} is not this lab's own ({recipe.approved_by}); a lab shares what it has approved "
            "itself: `carrel recipe new`, then `carrel recipe approve`.",
            param="model",
        )
