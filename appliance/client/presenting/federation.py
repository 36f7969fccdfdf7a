"""The registry that the box belongs to: how that stands, what went and what came."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, table
from appliance.domain.amounts import size
from appliance.domain.plain_text import one_line
from appliance.domain.results import (
    FedCount,
    FedEnrolled,
    FedExported,
    FedLeft,
    FedMessage,
    FedNotices,
    FedRefused,
    FedRotated,
    FedStatus,
    FedSynced,
)


def enrolled(result: FedEnrolled) -> RenderableType:
    """Where to, what leaves from now on, and the next step."""
    if result.request:
        return Group(
            cell(f"This box asks to be enrolled at {result.registry}, as {result.box}."),
            cell(f"Carry {result.request} to whoever keeps the registry, who runs there:"),
            cell("  carrel registry exchange FILE --out FILE"),
            cell("Then, with what they give you: carrel fed import FILE"),
        )
    organization = f", organization {result.organization}" if result.organization else ""
    return Group(
        cell(f"Enrolled at {result.registry} ({result.address}), {result.institution}{organization}."),
        cell(f"This box is {result.box}."),
        cell(result.reported),
        cell("Next: carrel fed preview shows the very bytes; carrel fed sync sends them now."),
    )


def status(result: FedStatus) -> RenderableType:
    """A sheet, then what waits and what was refused."""
    if not result.enrolled:
        return Group(
            cell("This box belongs to no registry; it needs none. See `carrel help federation`."),
            *([_lines(result)] if result.lines else []),
        )
    organization = [("organization", result.organization)] if result.organization else []
    facts = sheet(
        [
            ("registry", f"{result.registry} ({result.address})"),
            ("institution", result.institution),
            *organization,
            ("box", result.box),
            ("key", result.key),
            ("reports its use", "yes" if result.reporting else "no"),
            ("last sync", day(result.last_ms)),
            ("it went", result.outcome),
            ("last good one", day(result.good_ms)),
            ("next", "by hand" if result.next_ms is None else day(result.next_ms)),
        ]
    )
    parts: list[RenderableType] = [facts]
    if result.lines:
        parts.append(_lines(result))
    if result.outbox:
        parts += [Text(""), _counts(result.outbox)]
    if result.refused:
        parts += [Text(""), _refused(result.refused)]
    if result.notices:
        parts += [Text(""), cell(f"{result.notices} notices of the registry: carrel fed notices")]
    return Group(*parts)


def synced(result: FedSynced) -> RenderableType:
    """A line of how it went, then what went and came."""
    parts: list[RenderableType] = [cell(result.outcome)]
    for word, counts in (("sent", result.sent), ("came", result.came)):
        if counts:
            told = ", ".join(f"{one.count} {one.kind}" for one in counts)
            parts.append(cell(f"{word}: {told}"))
    if result.catalog:
        parts.append(cell(f"catalog: {result.catalog}"))
    if result.refused:
        parts += [Text(""), _refused(result.refused)]
    parts += [cell(f"not taken: {one}") for one in result.not_believed]
    parts += [cell(f"trouble: {one}") for one in result.troubles]
    if result.waiting:
        parts.append(cell(f"{result.waiting} messages wait still."))
    return Group(*parts)


def exported(result: FedExported) -> RenderableType:
    """Where it lies, and the way back."""
    told = ", ".join(f"{one.count} {one.kind}" for one in result.sent) or "nothing but who this box is"
    return Group(
        cell(f"{result.file} ({size(result.size_bytes)}): {told}."),
        cell("At the registry: carrel registry exchange FILE --out FILE; back here: carrel fed import FILE"),
    )


def rotated(result: FedRotated) -> RenderableType:
    """What counts now, and what happens next."""
    if result.state == "rotated":
        return cell(f"The key of this box is {result.key} now.")
    return Group(
        cell(f"A new key is made: {result.next_key}."),
        cell("It counts once the registry has taken it: carrel fed sync, or a stick."),
    )


def left(result: FedLeft) -> RenderableType:
    """What is lost."""
    return Group(
        cell(f"This box belongs to {result.registry} no more."),
        cell(f"{result.lost_messages} messages that waited are gone."),
        cell(result.says),
    )


def notices(result: FedNotices) -> RenderableType:
    """The newest first."""
    if not result.notices:
        return cell("The registry has said nothing.")
    return table(("SIGNED (UTC)", "TEXT"), [(day(one.signed_ms), one.text) for one in result.notices])


def message(result: FedMessage) -> RenderableType:
    """One line."""
    return cell(f"{result.id} is gone." if result.state == "gone" else f"{result.id} waits again.")


def _counts(counts: Sequence[FedCount]) -> RenderableType:
    rows = [(one.kind, one.state, one.count, day(one.oldest_ms)) for one in counts]
    return table(("MESSAGES", "STATE", "COUNT", "OLDEST (UTC)"), rows, right=("COUNT",))


def _refused(refused: Sequence[FedRefused]) -> RenderableType:
    rows = [(one.id, one.kind, one.problem, one.summary, day(one.made_ms)) for one in refused]
    return table(("REFUSED", "KIND", "WHY", "WHAT", "MADE (UTC)"), rows)


def _lines(result: FedStatus) -> RenderableType:
    return sheet([(one_line(one.name), one.text) for one in result.lines])


PRESENTERS: Final[dict[Any, Any]] = {
    FedEnrolled: enrolled,
    FedStatus: status,
    FedSynced: synced,
    FedExported: exported,
    FedRotated: rotated,
    FedLeft: left,
    FedNotices: notices,
    FedMessage: message,
}
