"""Approves a recipe for this box, or takes that back. Says what it refuses; writes what it allows."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from appliance.catalog.lab import KIND, LabApproval, LabRecipes
from appliance.catalog.live import LiveCatalog
from appliance.catalog.missing import missing_of
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.toml_shape import RecipeToml
from appliance.catalog.writing import write_for_all
from appliance.domain.recipe import Recipe
from appliance.errors import BadRequest, ConfigInvalid, Conflict, ModelNotFound, NotFound

WITHDRAWN: Final = ".withdrawn"
_MOST_TOLD: Final = 8


class Texts(Protocol):
    """License texts that the box has."""

    def text(self, sha256: str) -> str | None:
        """The text of that hash, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Approver:
    """``catalog`` is what the box knows already; ``licenses`` is the folder for texts that a lab brings."""

    catalog: LiveCatalog
    lab: LabRecipes
    texts: Texts
    licenses: Path

    def approve(self, raw: bytes, who: str, now_ms: int, *, license_text: bytes = b"") -> LabApproval:
        """Sign these very bytes and keep both. Raises ``ConfigInvalid`` for what is no recipe, ``BadRequest``
        for what is not complete, ``Conflict`` where the id is taken.
        """
        recipe = decode_recipe(raw, "FILE")
        _refuse_unfinished(recipe)
        self._refuse_taken(recipe, raw)
        text = self._text_to_keep(recipe.value(), license_text)
        digest = hashlib.sha256(raw).hexdigest()
        approval = LabApproval(recipe.id, recipe.revision, digest, who, now_ms)
        token = self.lab.key().sign(KIND, approval)
        if text:
            write_for_all(self.licenses / f"{recipe.value().terms.text_sha256}.txt", text)
        write_for_all(self.lab.folder / f"{recipe.id}.toml", raw)
        write_for_all(self.lab.folder / f"{recipe.id}.approval", token.encode("ascii") + b"\n")
        return approval

    def withdraw(self, recipe_id: str) -> Path:
        """Take the approval back and put the recipe aside; answers where it lies now. Raises ``NotFound``."""
        path = self.lab.folder / f"{recipe_id}.toml"
        if recipe_id not in {one.stem for one in self.lab.folder.glob("*.toml")}:
            raise NotFound(f"This lab has no recipe {recipe_id}; `carrel recipe list` shows what there is.")
        aside = path.with_suffix(WITHDRAWN)
        try:
            path.with_suffix(".approval").unlink(missing_ok=True)
            path.replace(aside)
        except OSError as error:
            raise ConfigInvalid(f"The recipe cannot be put aside: {error.strerror}.") from error
        return aside

    def _refuse_taken(self, recipe: RecipeToml, raw: bytes) -> None:
        try:
            present, _ = self.catalog.find(recipe.id)
        except ModelNotFound:
            return
        if present.draft:
            return
        if present.approval.by != "lab" or present.upstream is not None:
            raise Conflict(
                f"There is a model {recipe.id} already, {present.approved_by}; give this one another `id`."
            )
        if recipe.revision < present.revision or (
            recipe.revision == present.revision and self.catalog.toml_of(recipe.id) != raw
        ):
            raise Conflict(
                f"This lab approved another recipe {recipe.id} as revision {present.revision} already: "
                f"answers and usage name it, so write `revision = {present.revision + 1}`."
            )

    def _text_to_keep(self, recipe: Recipe, given: bytes) -> bytes:
        """The text that the recipe names, if the box does not have it yet."""
        wanted = recipe.terms.text_sha256
        if given and hashlib.sha256(given).hexdigest() != wanted:
            raise BadRequest(
                "The text is not the one that the recipe's `text_sha256` names; its own is "
                f"{hashlib.sha256(given).hexdigest()}.",
                param="license_text",
            )
        if not wanted or self.texts.text(wanted) is not None:
            return b""
        if not given and recipe.terms.acceptance == "none":
            return b""
        if not given:
            raise BadRequest(
                f"Carrel does not have the license's text ({wanted[:12]}…), which has to be shown; give it "
                "with `--license-text FILE`.",
                param="license_text",
            )
        return given


def _refuse_unfinished(recipe: RecipeToml) -> None:
    if recipe.upstream is not None:
        raise BadRequest(
            f"{recipe.id} is hosted elsewhere and needs no approval: its file belongs to the upstreams."
        )
    if not recipe.draft:
        return
    missing = missing_of(recipe)
    told = "; ".join(missing[:_MOST_TOLD]) + ("; …" if len(missing) > _MOST_TOLD else "")
    raise BadRequest(
        f"{recipe.id} is a draft. "
        + (f"It lacks {told}. Then take" if missing else "If it is right, take")
        + " out the line `draft = true`."
    )
