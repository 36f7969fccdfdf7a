"""The recipe around its forms: its name, its terms, its template, and what somebody has to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from appliance.catalog.drafting.beside import Beside
from appliance.catalog.drafting.naming import recipe_id
from appliance.catalog.drafting.ports import Source
from appliance.catalog.drafting.shapes import architecture_toml, source_toml
from appliance.catalog.drafting.wishes import Wishes
from appliance.catalog.form_shape import FormToml
from appliance.catalog.license_shape import OPEN_LICENSES
from appliance.catalog.source_shape import HubToml
from appliance.catalog.toml_shape import DefaultsToml, RecipeToml
from appliance.domain.inspection import Inspection

UNKNOWN_LICENSE: Final = "LicenseRef-to-be-filled-in"
_CONTEXT: Final = 4096
"""Where the files do not say it: long enough to talk, short enough for every model."""
_SEQUENCES: Final = 8
_ANSWER: Final = 256


@dataclass(frozen=True, slots=True)
class Drafted:
    """A recipe, and what is to be said above its fields."""

    recipe: RecipeToml
    comments: dict[str, list[str]] = field(default_factory=dict)


def whole(
    source: Source, wishes: Wishes, said: Inspection, forms: Sequence[FormToml], beside: Beside
) -> Drafted:
    """A draft, unless its license is known."""
    pooling = said.pooling or beside.pooling
    template = "" if pooling else said.chat_template or beside.chat_template
    terms = wishes.license or UNKNOWN_LICENSE
    context = max(16, said.context_tokens or _CONTEXT)
    title = said.name or source.name
    recipe = RecipeToml(
        id=wishes.id or recipe_id(source.name),
        revision=1,
        title=title[:120],
        summary=f"{title[:120]}; nobody has described it yet.",
        license=terms,
        tier="open" if terms in OPEN_LICENSES else "restricted",
        context_tokens=context,
        max_sequences=_SEQUENCES,
        forms=tuple(forms),
        sources=(source_toml(source.place),),
        architecture=architecture_toml(said.shapes) if said.shapes else None,
        chat_template=template or None,
        add_bos=said.add_bos,
        add_eos=said.add_eos and bool(pooling),
        pooling=pooling or None,
        defaults=DefaultsToml(max_tokens=min(_ANSWER, context // 2)),
        draft=terms not in OPEN_LICENSES,
    )
    return Drafted(recipe, _comments(recipe, said, [*beside.license, *_license_of(said)]))


def _license_of(said: Inspection) -> list[str]:
    return [f"license: {said.license}"] if said.license else []


def _comments(recipe: RecipeToml, said: Inspection, card: Sequence[str]) -> dict[str, list[str]]:
    comments = {
        "": [
            "Written by `carrel recipe new`. Read all of it, correct it, then `carrel recipe approve FILE`."
        ],
        "forms": ["The first form is the default."] if len(recipe.forms) > 1 else [],
        "license": [],
        "summary": ["Say in a line what it is good for."],
    }
    if recipe.draft:
        comments["license"] += [
            "Read the license. Then write here an open one, such as Apache-2.0, or the terms as a table",
            "[license] (`carrel help recipes`), say the tier, and take out `draft = true`.",
        ]
    if card:
        comments["license"] += [f"Its card says, which binds nobody: {'; '.join(card)}"]
    if recipe.chat_template:
        comments["chat_template"] = [
            "The file's own template. It becomes the lab's with the approval: read what it tells the model.",
        ]
    elif not recipe.pooling:
        comments[""] += ["Without `chat_template` it completes text and does not chat."]
    if any(isinstance(one, HubToml) for one in recipe.sources):
        comments["sources"] = [
            "Hashes of large files are the hub's word at this commit; no other bytes are taken."
        ]
    if not said.context_tokens:
        comments["context_tokens"] = ["The files do not say it; see the model's card."]
    return comments
