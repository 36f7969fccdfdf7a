"""``bundle install``: what of a bundle this box takes, under which terms, and that nothing else gets in.

Who signed the bundle decides nothing by itself: a recipe counts if it came with Carrel, if a signed catalog
that this box trusts lists it, or if this lab approves it, for which the signer's key has to be named.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from appliance.domain.bundle import OfferedRecipe
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.errors import (
    BadRequest,
    ConfigInvalid,
    IntegrityFailed,
    ModelNotFound,
    NotAllowed,
    StorageUnavailable,
)
from appliance.policy.licenses import HASH_DIGITS, Act
from appliance.services.bundles.attended import Attended
from appliance.services.bundles.ports import (
    Accepting,
    Approving,
    Blobs,
    Bundle,
    Catalog,
    Inspector,
    Open,
    Permits,
    SignedCatalogs,
)

_GB: Final = 10**9
_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operator accepts and trusts together with an install; empty: nothing."""

    accept_license: str = ""
    who: str = ""
    authority: str = ""
    purpose: str = ""
    trust_key: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """One model that is here now. ``fresh_bytes`` of its files came from the bundle."""

    recipe: Recipe
    forms: tuple[RecipeForm, ...]
    fresh_bytes: int


class Installing:
    """Everything is decided before the first byte is copied."""

    def __init__(
        self,
        *,
        open_bundle: Open,
        catalog: Catalog,
        catalogs: SignedCatalogs,
        approving: Approving,
        permits: Permits,
        accepting: Accepting,
        inspector: Inspector,
        blobs: Blobs,
    ) -> None:
        self._open = open_bundle
        self._catalog = catalog
        self._catalogs = catalogs
        self._approving = approving
        self._permits = permits
        self._accepting = accepting
        self._inspector = inspector
        self._blobs = blobs

    async def install(self, attended: Attended, folder: str, model: str, terms: Terms) -> list[Installed]:
        """Raises ``IntegrityFailed`` for a bundle that is not whole or not what it says, ``NotAllowed`` and
        ``NotLicensed`` with the next step, ``ModelNotFound``, ``StorageUnavailable``.
        """
        bundle = await attended.run(lambda: self._open(folder))
        _refuse_unsound(bundle, terms)
        chosen = [await self._chosen(bundle, offered, model, terms) for offered in _wanted(bundle, model)]
        for recipe, forms in chosen:
            await self._accept(recipe, terms)
            for form in forms:
                self._permits.check(recipe, Act.PULL, form)
        files = [file for _, forms in chosen for form in forms for file in form.files]
        await attended.run(lambda: _refuse_too_large(bundle, files))
        return [await self._bring(attended, bundle, recipe, forms) for recipe, forms in chosen]

    async def _chosen(
        self, bundle: Bundle, offered: OfferedRecipe, model: str, terms: Terms
    ) -> tuple[Recipe, tuple[RecipeForm, ...]]:
        if offered.catalog:
            await self._catalogs.bring(offered.catalog, bundle.folder_of_catalog(offered.catalog))
        recipe = await asyncio.to_thread(self._approved, bundle, offered, terms)
        named = model.partition("@")[2]
        names = (named,) if named else offered.forms
        forms = tuple(form for form in recipe.forms if form.name in names)
        lacking = [name for form in forms for name in bundle.lacks(form.files)]
        if lacking or not forms:
            raise IntegrityFailed(
                f"The recipe of {recipe.id} that this box goes by ({recipe.approval.label}, revision "
                f"{recipe.revision}) wants other files than the bundle has; ask for a newer bundle."
            )
        return recipe, forms

    def _approved(self, bundle: Bundle, offered: OfferedRecipe, terms: Terms) -> Recipe:
        known = self._known(offered)
        if known is not None:
            return known
        if not terms.trust_key:
            raise NotAllowed(_unknown(bundle, offered))
        self._have_approved(bundle, offered)
        known = self._known(offered)
        if known is None:
            raise ModelNotFound(f"{offered.id} is approved and cannot be used; see `carrel recipe list`.")
        return known

    def _known(self, offered: OfferedRecipe) -> Recipe | None:
        try:
            recipe, _ = self._catalog.find(offered.id)
        except ModelNotFound:
            return None
        return None if recipe.draft or recipe.upstream is not None else recipe

    def _have_approved(self, bundle: Bundle, offered: OfferedRecipe) -> None:
        text = bundle.license(offered.license_sha256) if offered.license_sha256 else b""
        signer = bundle.contents.signer
        try:
            self._approving.approve(bundle.recipe(offered.id), f"whoever trusts the key {signer}", text)
        except ConfigInvalid as error:
            raise ConfigInvalid(
                f"{error.message} Approve the recipe yourself: `carrel recipe approve "
                f"BUNDLE/recipes/{offered.id}.toml`, then run this again."
            ) from error

    async def _accept(self, recipe: Recipe, terms: Terms) -> None:
        given = terms.accept_license.lower()
        if not given or recipe.terms.acceptance == "none":
            return
        if len(given) < HASH_DIGITS:
            raise BadRequest(
                f"Name at least {HASH_DIGITS} digits of the text's hash.", param="accept_license"
            )
        if not recipe.terms.text_sha256.startswith(given):
            return  # of another model of the bundle; the rule says what is missing
        if not (terms.who and terms.authority and terms.purpose):
            raise BadRequest(
                "An acceptance is recorded: add --who NAME, --authority ROLE and --purpose TEXT.", param="who"
            )
        await self._accepting.accept(
            recipe,
            text_sha256=recipe.terms.text_sha256,
            who=terms.who,
            authority=terms.authority,
            purpose=terms.purpose,
        )

    async def _bring(
        self, attended: Attended, bundle: Bundle, recipe: Recipe, forms: tuple[RecipeForm, ...]
    ) -> Installed:
        files = list({file.name: file for form in forms for file in form.files}.values())
        fresh = {one.sha256: one.size_bytes for one in files if not self._blobs.has(one)}
        await attended.run(lambda: bundle.take(files, attended.tell))
        for form in forms:
            attended.tell(f"{recipe.model_id(form)}: looking inside")
            await self._inspector.inspect(
                recipe, form, {one.name: self._blobs.blob(one.sha256) for one in form.files}
            )
        await asyncio.to_thread(self._blobs.place, recipe.id, files)
        return Installed(recipe, forms, sum(fresh.values()))


def _refuse_unsound(bundle: Bundle, terms: Terms) -> None:
    contents = bundle.contents
    if not contents.whole:
        raise IntegrityFailed(
            f"The bundle is not whole: {amiss(contents.missing, contents.wrong, contents.extra)}. Nothing of "
            "it was taken; copy it anew, and look at it with `carrel bundle inspect --full DIR`."
        )
    if terms.trust_key and terms.trust_key != contents.signer:
        raise IntegrityFailed(
            f"The bundle is signed by the key {contents.signer} and not by the one that you trust. Nothing "
            "of it was taken; ask whoever made the bundle for their key."
        )


def amiss(missing: tuple[str, ...], wrong: tuple[str, ...], extra: tuple[str, ...]) -> str:
    """The first of each kind, in words."""
    kinds = (("missing", missing), ("damaged", wrong), ("not of the bundle", extra))
    return "; ".join(f"{words}: {_some(names)}" for words, names in kinds if names)


def _some(names: tuple[str, ...]) -> str:
    rest = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + rest


def _wanted(bundle: Bundle, model: str) -> list[OfferedRecipe]:
    offered = list(bundle.contents.recipes)
    if not model:
        return offered
    name, _, form = model.partition("@")
    found = [one for one in offered if one.id == name and (not form or form in one.forms)]
    if not found:
        there = ", ".join(f"{one.id}@{form}" for one in offered for form in one.forms)
        raise ModelNotFound(f"The bundle does not have {model}. It has {there}.")
    return found


def _unknown(bundle: Bundle, offered: OfferedRecipe) -> str:
    signer = bundle.contents.signer
    catalog = (
        f"trust its catalog with `carrel catalog trust` ({offered.catalog}), or " if offered.catalog else ""
    )
    return (
        f"Nobody that this box trusts has approved {offered.id}: it is {offered.approved_by} where the "
        f"bundle was made. To use it, {catalog}compare its maker's key with {signer}, and name it: "
        f"--trust-key {signer}. Then the model is approved by this lab."
    )


def _refuse_too_large(bundle: Bundle, files: list[RecipeFile]) -> None:
    missing = bundle.missing_room(files)
    if missing > 0:
        raise StorageUnavailable(
            f"The models' disk has {missing / _GB:,.2f} GB too few for it. Free some, for example with "
            "`carrel model remove MODEL`, or install a part of the bundle with --model."
        )
