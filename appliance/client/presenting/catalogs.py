"""Signed catalogs: how they stand, what a refresh did, what was done to one's own."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.results import (
    CatalogDelegated,
    CatalogDistrusted,
    CatalogFounded,
    CatalogList,
    CatalogListed,
    CatalogPublished,
    CatalogRefresh,
    CatalogSigned,
    CatalogsRefreshed,
    CatalogSummary,
    CatalogTrusted,
)

_NONE: Final = (
    "No signed catalog is trusted; the recipes that came with Carrel are. See `carrel help catalog`."
)


def catalogs(result: CatalogList) -> RenderableType:
    """One after the other."""
    if not result.catalogs:
        return Text(_NONE)
    return Group(*(_one(summary) for summary in result.catalogs))


def _one(summary: CatalogSummary) -> RenderableType:
    facts = sheet(
        [
            ("catalog", summary.name),
            ("place", summary.place),
            *([("ids begin with", summary.prefix)] if summary.prefix else []),
            ("state", state(summary.freshness)),
            *([("because", summary.reason)] if summary.reason else []),
        ]
    )
    roles = [(one.role, one.version, day(one.expires_ms), state(one.freshness)) for one in summary.roles]
    recipes = [(one.id, one.revision, one.signed_by, state(one.freshness)) for one in summary.recipes]
    faults = [(one.what, one.reason) for one in summary.left_out]
    parts: list[RenderableType] = [facts]
    if roles:
        parts += [
            Text(""),
            table(("LIST", "VERSION", "GOOD UNTIL (UTC)", "STATE"), roles, right=("VERSION",)),
        ]
    if recipes:
        columns = ("RECIPE", "REVISION", "SIGNED BY", "STATE")
        parts += [Text(""), table(columns, recipes, right=("REVISION",))]
    if faults:
        parts += [Text(""), table(("LEFT OUT", "WHY"), faults)]
    return Group(*parts, Text(""))


def refreshed(result: CatalogsRefreshed) -> RenderableType:
    """A line for each catalog, then its changes."""
    if not result.catalogs:
        return Text(_NONE)
    return Group(*(line for one in result.catalogs for line in _refreshed(one)))


def _refreshed(one: CatalogRefresh) -> list[RenderableType]:
    if one.outcome != "refreshed":
        return [cell(f"{one.name}: {one.outcome}. {one.reason}")]
    changes = (("came", one.came), ("changed", one.changed), ("went", one.went))
    lines = [cell(f"  {word}: {', '.join(recipes)}") for word, recipes in changes if recipes]
    return [cell(f"{one.name}: {'refreshed' if lines else 'nothing new'}."), *lines]


def trusted(result: CatalogTrusted) -> RenderableType:
    """What to compare, and the next step."""
    return Group(
        cell(f"The catalog {result.name} is trusted, from {result.place}."),
        cell(f"Its root (version {result.root_version}) is good until {day(result.root_expires_ms)}."),
        cell("Compare its hash with what whoever keeps the catalog tells you on another way:"),
        cell(f"  {result.root_sha256}"),
        cell(f"Next: carrel catalog refresh {result.name}"),
    )


def distrusted(result: CatalogDistrusted) -> RenderableType:
    """And the next step."""
    return Group(
        cell(f"The catalog {result.name} is trusted no more."),
        cell("A box that runs learns it now with: carrel catalog refresh"),
    )


def founded(result: CatalogFounded) -> RenderableType:
    """What to give to whom."""
    whom = "whoever keeps the catalog" if result.organization else "those who are to trust the catalog"
    return Group(
        cell(f"Made in {result.folder}; keep its `keys` to yourself, and a copy of them somewhere safe."),
        cell(f"Give this to {whom}, and tell its hash on another way:"),
        cell(f"  {result.give}"),
        cell(f"  {result.give_sha256}"),
    )


def listed(result: CatalogListed) -> RenderableType:
    """One line."""
    signed = f", signed by {result.organization}" if result.organization else ""
    recipes = ", ".join(result.recipes) or "nothing"
    return cell(f"Done: {recipes}{signed}. Boxes see it after `carrel catalog publish`.")


def delegated(result: CatalogDelegated) -> RenderableType:
    """One line."""
    if not result.signs:
        return cell(f"{result.name} signs here no more. Boxes know it after `carrel catalog publish`.")
    return cell(f"{result.name} signs for ids that begin with `{result.name}.` from now on.")


def signed(result: CatalogSigned) -> RenderableType:
    """One line."""
    keys = " with new keys" if result.rotated else ""
    return cell(
        f"{result.role} is signed{keys}: version {result.version}, good until {day(result.expires_ms)} UTC."
    )


def published(result: CatalogPublished) -> RenderableType:
    """One line."""
    return cell(f"{result.files} new files in {result.to}.")


PRESENTERS: Final[dict[Any, Any]] = {
    CatalogList: catalogs,
    CatalogsRefreshed: refreshed,
    CatalogTrusted: trusted,
    CatalogDistrusted: distrusted,
    CatalogFounded: founded,
    CatalogListed: listed,
    CatalogDelegated: delegated,
    CatalogSigned: signed,
    CatalogPublished: published,
}
