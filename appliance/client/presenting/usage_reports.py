"""Reports of use: what leaves, what was reported, what the registry asks to see of it."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, table
from appliance.domain.amounts import size
from appliance.domain.plain_text import one_line
from appliance.domain.results import FedChecks, FedPreview, FedReporting, FedUsage

_EACH_TIME: Final = (
    "Each sync asks besides what is new (sync+jws: the box, an id, the time, the version of Carrel), and "
    "says which statements are here (received+jws: their ids)."
)


def preview(result: FedPreview) -> RenderableType:
    """A line about each message, then its bytes on a line of their own."""
    parts: list[RenderableType] = [] if result.messages else [Text("Nothing waits to leave.")]
    for one in result.messages:
        state = "waits" if one.waits else "would be, now"
        about = f"{one.kind}  {size(one.size_bytes)}  {state}  {one.summary}  SHA-256 {one.sha256}"
        payload = Text(one_line(one.payload), no_wrap=True, overflow="ignore")
        parts += [cell(about), payload, Text("")]
    if result.left_out:
        parts.append(cell(f"{result.left_out} more wait behind these."))
    parts.append(cell(_EACH_TIME))
    return Group(*parts)


def reporting(result: FedReporting) -> RenderableType:
    """What follows."""
    return cell(result.says)


def lines(result: FedUsage) -> RenderableType:
    """As they are."""
    return Text("\n".join(one_line(line) for line in result.lines), no_wrap=True, overflow="ignore")


def checks(result: FedChecks) -> RenderableType:
    """One line each, and how to decide."""
    if not result.checks:
        return Text("The registry has asked to be shown nothing.")
    rows = [
        (one.id, day(one.came_ms), f"{one.epoch}/{one.seq}", one.rows, one.reason, one.state, one.why)
        for one in result.checks
    ]
    made = table(("ID", "CAME (UTC)", "REPORT", "ROWS", "REASON", "STATE", "WHY"), rows, right=("ROWS",))
    if not any(one.state == "open" for one in result.checks):
        return made
    return Group(made, Text("Decide: carrel fed check ID --approve, or --refuse REASON"))


PRESENTERS: Final[dict[Any, Any]] = {
    FedPreview: preview,
    FedReporting: reporting,
    FedUsage: lines,
    FedChecks: checks,
}
