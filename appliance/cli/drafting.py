"""Has a recipe written from what a word of the command line names: a folder, a repository, a draft."""

import re
from pathlib import Path
from typing import Final

from appliance.catalog.drafting.naming import recipe_id
from appliance.catalog.drafting.ports import Source
from appliance.catalog.drafting.text import recipe_text
from appliance.catalog.drafting.whole import Drafted
from appliance.catalog.drafting.wishes import Wishes
from appliance.catalog.license_shape import OPEN_LICENSES
from appliance.catalog.missing import missing_of
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.toml_shape import RecipeToml
from appliance.cli.box_switch import switch_of
from appliance.cli.desk import Desk
from appliance.domain.results import RecipeWritten
from appliance.errors import BadRequest, ModelNotFound, NotFound
from appliance.weights.listing.folder import FolderSource
from appliance.wiring.catalog import catalog_of
from appliance.wiring.drafting import completer, composer, open_hub

_HUB: Final = re.compile(r"hub:([\w][\w.-]{0,95}/[\w][\w.-]{0,95})(?:@([\w][\w./-]{0,99}))?\Z", re.ASCII)
_NEWEST: Final = "main"


def write_recipe(desk: Desk, source: str, wishes: Wishes) -> RecipeWritten:
    """The recipe as text, checked as `recipe approve` will. Raises ``NotFound``, ``BadRequest``,
    ``IntegrityFailed``, and what the hub raises.
    """
    if wishes.license and wishes.license not in OPEN_LICENSES:
        raise BadRequest(
            f"{wishes.license} is none of the known open licenses ({', '.join(OPEN_LICENSES)}): leave "
            "--license out, and write its terms into the recipe.",
            param="license",
        )
    drafted = _drafted(desk, source, wishes)
    text = recipe_text(drafted.recipe, drafted.comments)
    recipe = decode_recipe(text.encode(), "that was written")
    missing = missing_of(recipe) if recipe.draft else ()
    for one in missing:
        desk.progress(f"Missing: {one}.")
    return RecipeWritten(id=recipe.id, toml=text, draft=recipe.draft, missing=missing)


def _drafted(desk: Desk, named: str, wishes: Wishes) -> Drafted:
    source = _source(desk, named)
    draft = _draft(desk, (wishes.id or recipe_id(source.name)) if source else named)
    if draft is not None:
        return completer(desk.settings(), switch_of(desk), desk.progress).complete(draft, wishes, source)
    if source is None:
        raise NotFound(
            f"{named} is no folder, and no draft of this box; name one of both, or hub:OWNER/NAME.",
            param="source",
        )
    return composer(desk.progress).compose(source, wishes)


def _source(desk: Desk, named: str) -> Source | None:
    """What the word names, if that is a place."""
    found = _HUB.match(named)
    if found:
        return open_hub(desk.settings(), switch_of(desk), found[1], found[2] or _NEWEST)
    return FolderSource(Path(named).resolve()) if Path(named).is_dir() else None


def _draft(desk: Desk, id: str) -> RecipeToml | None:
    """The box's draft of that id, if it has one. Raises ``BadRequest`` for a model that is complete."""
    try:
        found = decode_recipe(catalog_of(desk.settings()).toml_of(id), id)
    except ModelNotFound:
        return None
    if not found.draft and found.id == id:
        raise BadRequest(
            f"{id} is complete; `carrel model show {id}` shows it. Choose another --id for another model.",
            param="source",
        )
    return found
