"""Makes, of a recipe of this lab, the one that other labs are given: its name, its sources, its record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.catalog.drafting.text import recipe_text
from appliance.catalog.license_shape import OPEN_LICENSES, LicenseToml, terms_of
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.sharing_shape import RecordToml, SharingToml
from appliance.catalog.source_shape import HubToml, SourceToml
from appliance.catalog.toml_shape import RecipeToml
from appliance.errors import BadRequest, ConfigInvalid, NotLicensed

WEIGHTS_PATH: Final = "v1/shared/weights"
"""Where a box that gives weights has them: below it each file by its SHA-256."""
_SHAPES: Final = "mirror:ADDRESS, https:ADDRESS, hub:OWNER/NAME@COMMIT or folder:/PATH"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a model is given. ``sources`` are in the order in which they are tried; an empty ``tier`` keeps the
    recipe's own.
    """

    organization: str
    record: RecordToml
    sources: tuple[SourceToml, ...]
    tier: str = ""
    lease: bool = False


def shared_id(organization: str, id: str) -> str:
    """Under which name others know a model of this lab."""
    return id if id.startswith(f"{organization}.") else f"{organization}.{id}"


def shared_weights(recipe: RecipeToml, terms: Terms, *, forms: Collection[str]) -> bytes:
    """The recipe as it is listed, with those of its forms whose files are at hand. Raises ``NotLicensed``
    where the license lets no copy be given away, ``BadRequest`` where something is missing.
    """
    refuse_unshareable(recipe)
    sources = (*terms.sources, *_public(recipe))
    if not sources:
        raise BadRequest(
            "Nobody could fetch its files: say `--address` for this box's own address, or `--source`.",
            param="address",
        )
    made = msgspec.structs.replace(
        recipe,
        id=shared_id(terms.organization, recipe.id),
        tier=terms.tier or recipe.tier,
        license=_leased(recipe.license) if terms.lease else recipe.license,
        sources=tuple(dict.fromkeys(sources)),
        forms=tuple(msgspec.structs.replace(one, sources=()) for one in recipe.forms if one.name in forms),
        unserved_files=(),
        sharing=_stated(terms),
    )
    text = recipe_text(made, {}).encode()
    try:
        decode_recipe(text, "to be shared")
    except ConfigInvalid as error:
        raise BadRequest(f"The model cannot be shared: {error.message}") from error
    return text


def refuse_unshareable(recipe: RecipeToml) -> None:
    """Raises ``NotLicensed`` where its license lets no copy be given away, ``BadRequest`` for what has no
    files of its own here.
    """
    if recipe.upstream is not None or recipe.draft:
        raise BadRequest(
            f"{recipe.id} has no files on this box that could be given to others.", param="model"
        )
    terms = terms_of(recipe.license)
    if terms.redistribution == "no":
        raise NotLicensed(
            f"The license of {recipe.id} ({terms.expression}) lets nobody pass its files on "
            "(`redistribution` is no); `carrel share access` lets others use it on this box instead.",
            lacks="redistribution",
        )


def box_source(address: str) -> SourceToml:
    """This box as a source, under the address that others reach it by. Raises ``BadRequest``."""
    return _source("mirror", f"{address.rstrip('/')}/{WEIGHTS_PATH}")


def sources_of(text: str) -> tuple[SourceToml, ...]:
    """Sources as they are written on the command line, with commas. Raises ``BadRequest``."""
    found = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        kind, _, place = one.partition(":")
        found.append(_source(kind, place))
    return tuple(found)


def _source(kind: str, place: str) -> SourceToml:
    repository, _, commit = place.partition("@")
    fields = {"hub": {"repository": repository, "commit": commit}, "folder": {"folder": place}}
    given = {"kind": kind, **fields.get(kind, {"address": place})}
    try:
        source: SourceToml = msgspec.convert(given, SourceToml)
    except msgspec.ValidationError as error:
        why = str(error).rstrip(".")
        raise BadRequest(f"A source is {_SHAPES}; this one is none: {why}.", param="source") from error
    return source


def _public(recipe: RecipeToml) -> Sequence[SourceToml]:
    """What of the lab's own sources is good for others: no folder and no server of its own network."""
    all_of_them = [*recipe.sources, *(source for form in recipe.forms for source in form.sources)]
    return [one for one in all_of_them if isinstance(one, HubToml)]


def _leased(license: str | LicenseToml) -> LicenseToml:
    if isinstance(license, LicenseToml):
        return msgspec.structs.replace(license, lease=True)
    known = OPEN_LICENSES[license]
    return LicenseToml(
        expression=license,
        title=known.title,
        acceptance="none",
        redistribution="yes",
        derivatives="yes",
        text_sha256=known.text_sha256 or None,
        attribution=known.attribution,
        lease=True,
    )


def _stated(terms: Terms) -> SharingToml:
    record = {field: getattr(terms.record, field) for field in RecordToml.__struct_fields__}
    return SharingToml(**record, organization=terms.organization, kind="weights")
