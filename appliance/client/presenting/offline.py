"""The one switch, as an operator reads it."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, table
from appliance.domain.results import OfflineState

ONLINE: Final = "ONLINE"
OFFLINE: Final = "OFFLINE"


def badge(*, offline: bool) -> Text:
    """The word that says all."""
    return Text(OFFLINE, style="bold yellow") if offline else Text(ONLINE, style="green")


def offline_state(result: OfflineState) -> RenderableType:
    """The badge, the reasons, then what waits."""
    since = f" since {day(result.since_ms)} UTC" if result.since_ms is not None else ""
    lines: list[RenderableType] = [Text.assemble(badge(offline=result.offline), since)]
    lines += [cell(one) for one in result.because]
    if not result.waits:
        return Group(*lines, Text("Nothing waits for the network."))
    columns = ("WAITS", "COUNT", "SINCE (UTC)", "WHAT BECOMES OF IT")
    rows = [
        (one.what, one.count, "" if one.oldest_ms is None else day(one.oldest_ms), one.next)
        for one in result.waits
    ]
    return Group(*lines, Text(""), table(columns, rows, right=("COUNT",)))


PRESENTERS: Final[dict[Any, Any]] = {OfflineState: offline_state}
