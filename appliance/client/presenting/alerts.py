"""Alerts as an operator reads them."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, state, table
from appliance.domain.results.alerts import AlertList, AlertTest


def alert_list(result: AlertList) -> RenderableType:
    """One line an alert, and where they go."""
    ways = ", ".join(result.ways) or "nowhere: `carrel help alerts` says how to set mail or a webhook"
    told = cell(f"Alerts go to: {ways}.")
    if not result.alerts:
        return Group(Text("Nothing was told yet."), told)
    rows = [
        (
            day(one.last_ms),
            one.level,
            one.kind,
            one.subject,
            one.times,
            state(one.state),
            one.says,
            one.next_step,
            one.why,
        )
        for one in result.alerts
    ]
    columns = ("LAST (UTC)", "LEVEL", "KIND", "ABOUT", "TIMES", "STATE", "SAYS", "NEXT STEP", "WHY NOT")
    return Group(table(columns, rows, right=("TIMES",)), told)


def alert_test(result: AlertTest) -> RenderableType:
    """What came of it, way by way."""
    if not result.tried:
        return Text(
            "There is no way to tell anybody: `carrel help alerts` says how to set mail or a webhook."
        )
    return table(("WAY", "RESULT"), [(one.way, one.reason or "it went out") for one in result.tried])


PRESENTERS: Final[dict[Any, Any]] = {AlertList: alert_list, AlertTest: alert_test}
