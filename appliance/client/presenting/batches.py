"""Overnight work, as an operator sees it."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.results import BatchList, BatchSummary


def batch_list(result: BatchList) -> RenderableType:
    """One line each."""
    if not result.batches:
        return Text("No batches. The handbook's page `batches` says how one is sent.")
    rows = [
        (
            one.id,
            one.person,
            one.project,
            one.model,
            state(one.state),
            one.completed,
            one.failed,
            one.total,
            day(one.created_ms),
            one.reason or "",
        )
        for one in result.batches
    ]
    columns = ("BATCH", "PERSON", "PROJECT", "MODEL", "STATE", "DONE", "FAILED", "LINES", "SINCE", "WHY")
    made = table(columns, rows, right=("DONE", "FAILED", "LINES"))
    return Group(made, cell(f"{result.left_out} older ones are left out.")) if result.left_out else made


def batch(result: BatchSummary) -> RenderableType:
    """All of one."""
    ends = ("ended", day(result.ended_ms)) if result.ended_ms else ("ends by", _ends_by(result))
    return sheet(
        [
            ("batch", result.id),
            ("of", f"{result.person}, project {result.project}"),
            ("state", state(result.state)),
            *([("why", result.reason)] if result.reason else ()),
            ("lines", f"{result.completed} answered, {result.failed} failed, of {result.total}"),
            ("asks", f"{result.model or 'its models'} at {result.endpoint}"),
            ("since", day(result.created_ms)),
            ends,
        ]
    )


def _ends_by(result: BatchSummary) -> str:
    later = ", and later by as long as it is paused" if result.state == "paused" else ""
    return f"{day(result.expires_ms)}{later}"


PRESENTERS: Final[dict[Any, Any]] = {BatchList: batch_list, BatchSummary: batch}
