"""Bundles as a person reads about them."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, table
from appliance.domain.amounts import size
from appliance.domain.results import BundleCreated, BundleInstalled, BundleReport

_MOST_NAMES: Final = 20
_ACCEPTED_BY: Final = {"none": "no", "institution": "yes", "person": "yes, and by each person"}


def created(result: BundleCreated) -> RenderableType:
    """What lies there, and what to tell the recipient."""
    kept = f", {size(result.kept_bytes)} of it from before" if result.kept_bytes else ""
    return Group(
        sheet(
            [
                ("for", result.recipient),
                ("models", ", ".join(result.models)),
                ("program", "on it" if result.installer else "not on it"),
                ("size", f"{size(result.size_bytes)} in {result.files} files{kept}"),
                ("key", result.signer),
            ]
        ),
        Text(""),
        cell("Written and read back. Tell the recipient the key by another way than the bundle itself."),
    )


def report(result: BundleReport) -> RenderableType:
    """Who made it for whom, what is on it, what is amiss."""
    parts: list[RenderableType] = [
        sheet(
            [
                ("for", result.recipient),
                ("made", f"{day(result.created_ms)} by Carrel {result.version}"),
                ("key", f"{result.signer}{', which is this box' if result.own else ''}"),
                ("size", f"{size(result.size_bytes)} in {result.files} files"),
                (
                    "new here",
                    "unknown: only Carrel's user can tell"
                    if result.new_bytes is None
                    else size(result.new_bytes),
                ),
                ("program", result.installer or "not on it"),
            ]
        ),
        Text(""),
        table(
            ("MODEL", "FORMS", "LICENSE", "HAS TO BE ACCEPTED", "TEXT", "APPROVED THERE"),
            [
                (
                    one.id,
                    ", ".join(one.forms),
                    one.license,
                    _ACCEPTED_BY.get(one.acceptance, one.acceptance),
                    (one.license_sha256 or "")[:12],
                    one.approved_by,
                )
                for one in result.recipes
            ],
        ),
        Text(""),
        cell(_verdict(result)),
    ]
    for word, names in (("missing", result.missing), ("damaged", result.wrong), ("not of it", result.extra)):
        parts += [cell(f"  {word}: {name}") for name in names[:_MOST_NAMES]]
        if len(names) > _MOST_NAMES:
            parts.append(cell(f"  {word}: {len(names) - _MOST_NAMES} more"))
    return Group(*parts)


def _verdict(result: BundleReport) -> str:
    if not result.whole:
        return "The bundle is not whole; copy it anew, or run `carrel bundle create` again."
    if result.read_all:
        return "Every file is what the signature says."
    return "Nothing is missing. Files were not read: --full does that."


def installed(result: BundleInstalled) -> RenderableType:
    """What is here now."""
    rows = [(one.id, ", ".join(one.forms), size(one.fresh_bytes), one.approved_by) for one in result.models]
    return Group(
        table(("MODEL", "FORMS", "NEW", "APPROVED"), rows, right=("NEW",)),
        Text(""),
        cell(
            "Verified and in place. Next: " + "; ".join(f"carrel model run {one.id}" for one in result.models)
        ),
    )


PRESENTERS: Final[dict[Any, Any]] = {
    BundleCreated: created,
    BundleReport: report,
    BundleInstalled: installed,
}
