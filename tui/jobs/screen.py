"""The screen JOBS: downloads, overnight work and tasks."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from textual.containers import Vertical
from textual.widget import Widget

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import (
    BatchList,
    BatchSummary,
    DownloadList,
    DownloadStatus,
    ModelDetail,
    ModelFile,
    Status,
)
from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.deeds import ActionKey
from tui.jobs import batches, downloads
from tui.parts.closeups import CloseUp, CloseUpKey
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.parts.titles import Title
from tui.screen import BoxScreen

DOWNLOADS: Final = Topic("download.list", (), 1000)
BATCHES: Final = Topic("batch.list", (), 3000)
STATUS: Final = Topic("status", (), 1000)
_TASKS: Final = 4
"""Lines of tasks that are shown, one where there is little room."""


class JobsScreen(BoxScreen):
    """What takes long, and goes on whoever watches."""

    NAME = "jobs"
    TITLE_IN_TABS = "JOBS"
    EXPLAINS = (
        "What takes long: downloads of models, overnight work of people, tasks of operators. All of it goes "
        "on when you leave. VERIFIED counts bytes that are here and hashed; it never goes back."
    )
    KEYS = (
        ActionKey("p", "download.pause", "pause", within="downloads", quiet=True),
        ActionKey("p", "download.resume", "resume", within="downloads", quiet=True),
        ActionKey("p", "download.resume", "retry", within="downloads", quiet=True),
        ActionKey("x", "download.cancel", "cancel", within="downloads", quiet=True),
        ActionKey("s", "model.pull", "pull again", within="downloads"),
        ActionKey("p", "batch.pause", "pause", within="batches", quiet=True),
        ActionKey("p", "batch.resume", "resume", within="batches", quiet=True),
        ActionKey("x", "batch.cancel", "cancel", within="batches", quiet=True),
    )
    DEFAULT_CSS = """
    JobsScreen Rows { margin: 0 1; }
    JobsScreen #downloads { height: 6; }
    JobsScreen #about { height: 2; padding: 0 1; }
    JobsScreen.-short #about { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    JobsScreen #batches { height: 1fr; }
    JobsScreen #tasks { height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    JobsScreen.-short #tasks-title { display: none; }
    JobsScreen .-none { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._progress = downloads.Progress()
        self._percents: Mapping[str, int] = {}
        self._files: dict[str, Sequence[ModelFile]] = {}
        self._open: tuple[str, CloseUp] | None = None

    def body(self) -> Widget:
        """Downloads, batches, tasks."""
        return Vertical(
            Title("Downloads", id="downloads-title"),
            Rows(downloads.COLUMNS, id="downloads", empty="No downloads: press 2, choose a model, then p."),
            Lines(id="about"),
            Title("Overnight work", id="batches-title"),
            Rows(batches.COLUMNS, id="batches", empty="No batches."),
            Title("Tasks", id="tasks-title", classes="-none"),
            Lines(id="tasks", classes="-none"),
        )

    def topics(self) -> Sequence[Topic]:
        """See ``BoxScreen``."""
        return (DOWNLOADS, BATCHES, STATUS)

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """Each topic has its part."""
        if isinstance(result, DownloadList):
            self._draw_downloads(result)
        elif isinstance(result, BatchList):
            self._draw_batches(result)
        elif isinstance(result, Status) and topic == STATUS:
            self._draw_tasks(result.tasks)

    def on_resize(self) -> None:
        """Another number of rows fits."""
        for topic in (DOWNLOADS, STATUS):
            known = self.app.latest(topic)
            if known is not None:
                self.show(topic, known)

    # ---- drawing ----

    def _draw_downloads(self, found: DownloadList) -> None:
        self._percents = self._progress.take(found.downloads)
        going = sum(one.state in downloads.UNDER_WAY for one in found.downloads)
        self.query_one("#downloads-title", Title).show(f"Downloads ({going} of {len(found.downloads)} go on)")
        table = self.query_one("#downloads", Rows)
        table.show(downloads.rows_of(found.downloads, self._percents, ascii_only=self.app.ascii_only))
        table.styles.height = 1 + max(1, min(len(found.downloads), max(2, (self.size.height - 6) // 3)))
        self._draw_about()
        self._draw_open()

    def _draw_batches(self, found: BatchList) -> None:
        going = sum(one.state not in batches.STAND_STILL for one in found.batches)
        count = len(found.batches) + found.left_out
        self.query_one("#batches-title", Title).show(f"Overnight work ({going} of {count} go on)")
        table = self.query_one("#batches", Rows)
        table.show(batches.rows_of(found.batches, ascii_only=self.app.ascii_only))
        self._draw_open()

    def _draw_tasks(self, tasks: Sequence[str]) -> None:
        title, lines = self.query_one("#tasks-title", Title), self.query_one("#tasks", Lines)
        for one in (title, lines):
            one.set_class(not tasks, "-none")
        title.show(f"Tasks ({len(tasks)})")
        most = 1 if self.size.height < 24 else _TASKS
        said = [f"Task: {one}" if most == 1 else one for one in tasks[:most]]
        if len(tasks) > most:
            said[-1] += f" (and {len(tasks) - most} more)"
        lines.show([one] for one in said)

    def _draw_about(self) -> None:
        row = self.query_one("#downloads", Rows).chosen
        data = row.data if row else None
        self.query_one("#about", Lines).show(
            [[downloads.why(data)]] if isinstance(data, DownloadStatus) else []
        )

    def on_rows_chosen(self) -> None:
        """The words below are of the chosen one."""
        self._draw_about()

    # ---- what is chosen ----

    @property
    def _row(self) -> DownloadStatus | BatchSummary | None:
        rows = self.focused
        data = rows.chosen.data if isinstance(rows, Rows) and rows.chosen else None
        return data if isinstance(data, DownloadStatus | BatchSummary) else None

    def chosen(self) -> Mapping[str, object]:
        """See ``BoxScreen``."""
        row = self._row
        if isinstance(row, DownloadStatus):
            return {"download": row.id, "model": row.model}
        return {"batch": row.id} if row else {}

    def subject(self) -> str:
        """The model, or the batch."""
        row = self._row
        return row.model if isinstance(row, DownloadStatus) else row.id if row else ""

    def copied_command(self) -> str:
        """What shows the download, or all batches."""
        row = self._row
        if isinstance(row, DownloadStatus):
            return command_of(action_of("download.show"), {"download": row.id})
        return command_of(action_of("batch.list" if row else "download.list"), {})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key works where the state of what is chosen has a use for it."""
        if not super().check_action(action, parameters):
            return False
        if action != "begin" or not isinstance(parameters[0], int):
            return True
        row = self._row
        return row is not None and _fits(self.KEYS[parameters[0]], row)

    # ---- details ----

    def on_rows_opened(self, opened: Rows.Opened) -> None:
        """All that is known of one, kept up to date while it is open."""
        dialog = CloseUp("Download" if opened.rows.id == "downloads" else "Batch", (), ())
        self._open = (opened.row.key, dialog)
        data = opened.row.data
        self.app.push_screen(dialog, self._forget)
        self._draw_open()
        if isinstance(data, DownloadStatus) and data.id not in self._files:
            self.run_worker(self._load_files(data), group="loading", exclusive=True)

    def _forget(self, _nothing: None) -> None:
        self._open = None

    async def _load_files(self, download: DownloadStatus) -> None:
        try:
            found = await self.app.box.run("model.show", {"model": download.model})
        except CarrelError:
            return
        if isinstance(found, ModelDetail) and found.revision == download.revision:
            self._files[download.id] = found.files
            self._draw_open()

    def _draw_open(self) -> None:
        if self._open is None:
            return
        key, dialog = self._open
        rows = (*self.query_one("#downloads", Rows).rows, *self.query_one("#batches", Rows).rows)
        data = next((one.data for one in rows if one.key == key), None)
        if isinstance(data, DownloadStatus):
            percent = self._percents.get(data.id, data.percent)
            dialog.show(downloads.pairs(data, percent, self._files.get(data.id)), self._keys_of(data))
        elif isinstance(data, BatchSummary):
            dialog.show(batches.pairs(data), self._keys_of(data))

    def _keys_of(self, row: DownloadStatus | BatchSummary) -> list[CloseUpKey]:
        within = "downloads" if isinstance(row, DownloadStatus) else "batches"
        return [
            CloseUpKey(one.key, one.label, self.deed(one))
            for one in self.KEYS
            if one.within == within and _fits(one, row)
        ]


_FITS: Final[Mapping[str, frozenset[str]]] = {
    "pause": downloads.UNDER_WAY,
    "resume": frozenset({"paused"}),
    "retry": frozenset({"failed"}),
    "cancel": downloads.UNFINISHED,
    "pull again": frozenset({"cancelled"}),
}
"""In which states of a download a key does something."""


def _fits(key: ActionKey, row: DownloadStatus | BatchSummary) -> bool:
    if isinstance(row, BatchSummary):
        return row.state in batches.FITS[key.label]
    return row.state in _FITS[key.label]
