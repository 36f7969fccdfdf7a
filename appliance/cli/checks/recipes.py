"""Recipes that somebody put on this box: whether all of them are used."""

from collections.abc import Sequence

from appliance.cli.checks.verdicts import fail, ok, warn
from appliance.cli.desk import Desk
from appliance.domain.approval import LeftOut
from appliance.domain.results import Check
from appliance.errors import CarrelError, ConfigInvalid
from appliance.services.models.aliases import Aliases
from appliance.wiring.catalog import catalog_of


def recipes(count: int, left_out: Sequence[LeftOut]) -> Check:
    """One that is left out is a model that somebody expects and nobody can use."""
    if not left_out:
        return ok("recipes", f"none of {count} recipes is left out")
    named = " ".join(f"{one.id or one.place}: {one.reason}" for one in left_out)
    return warn("recipes", f"{len(left_out)} recipes are left out. {named}", "carrel recipe list")


def aliases(lost: Sequence[str]) -> list[Check]:
    """Other names of models that name none; nothing where all do."""
    if not lost:
        return []
    reason = f"no model of the catalog is meant by {', '.join(lost)}"
    return [warn("aliases", reason, "carrel config set aliases ALIAS=MODEL")]


def look(desk: Desk) -> list[Check]:
    """All of them, for this desk's box, as far as its configuration can be read."""
    try:
        settings = desk.settings()
    except ConfigInvalid:
        return []
    try:
        catalog = catalog_of(settings)
        lost = Aliases.read(settings.aliases, catalog).lost()
    except CarrelError as error:
        ours = error.param == "aliases"
        return [
            fail("recipes", error.message, "carrel config get aliases" if ours else "install Carrel again")
        ]
    return [recipes(len(catalog.recipes), catalog.left_out), *aliases(lost)]
