"""Downloads of model files, and what removing them frees."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.amounts import duration, size
from appliance.domain.plain_text import one_line
from appliance.domain.results import DownloadList, DownloadStatus, Removal


def download_table(downloads: tuple[DownloadStatus, ...]) -> RenderableType:
    """One line each."""
    rows = [
        (
            one.model,
            state(one.state),
            f"{one.percent} %",
            size(one.total_bytes),
            "" if one.bytes_per_s is None else f"{size(one.bytes_per_s)}/s",
            "" if one.eta_s is None else duration(one.eta_s),
            one.source,
            one.id,
            one.reason or "",
        )
        for one in downloads
    ]
    columns = ("MODEL", "STATE", "VERIFIED", "SIZE", "SPEED", "LEFT", "FROM", "ID", "WHY")
    return table(columns, rows, right=("VERIFIED", "SIZE", "SPEED", "LEFT"))


def download_list(result: DownloadList) -> RenderableType:
    """The table, or that there is nothing in it."""
    if not result.downloads:
        return Text("No downloads. `carrel model pull MODEL` begins one.")
    return download_table(result.downloads)


def download(result: DownloadStatus) -> RenderableType:
    """All of one."""
    speed = "" if result.bytes_per_s is None else f"{size(result.bytes_per_s)}/s"
    return sheet(
        [
            ("model", f"{result.model}, recipe revision {result.revision}"),
            ("download", result.id),
            ("state", state(result.state)),
            *([("why", result.reason)] if result.reason else ()),
            ("verified", f"{size(result.verified_bytes)} of {size(result.total_bytes)} ({result.percent} %)"),
            ("fetched", f"{size(result.fetched_bytes)} over the network"),
            *([("from", result.source)] if result.source else ()),
            *([("speed", speed)] if speed else ()),
            *([("left", duration(result.eta_s))] if result.eta_s is not None else ()),
            *(("dropped", f"{one} served other bytes than the recipe says") for one in result.dropped),
            ("since", day(result.created_ms)),
        ]
    )


def removal(result: Removal) -> RenderableType:
    """What it takes, then what stays."""
    kept = [cell(f"{one.name} stays on the disk for {', '.join(one.models)}.") for one in result.kept]
    return Group(Text(one_line(removal_sentence(result))), *kept)


def removal_sentence(result: Removal) -> str:
    """What was removed, or would be."""
    files = "1 file" if len(result.removed) == 1 else f"{len(result.removed)} files"
    if result.dry_run:
        return f"Removing {result.model} deletes {files} and frees {size(result.freed_bytes)}."
    return f"{files} of {result.model} removed; {size(result.freed_bytes)} are free again."


PRESENTERS: Final[dict[Any, Any]] = {DownloadList: download_list, DownloadStatus: download, Removal: removal}
