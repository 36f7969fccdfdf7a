"""The screen NOW: is it fine, what is happening, what needs somebody."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import GpuList, Inbox, InboxRow, ModelSummary, Pulse, Status
from appliance.domain.watching import Topic
from tui.deeds import ActionKey, Deed
from tui.now import fine, happening, running, waiting
from tui.parts.closeups import CloseUp, CloseUpKey
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.parts.titles import Title
from tui.screen import BoxScreen

STATUS: Final = Topic("status", (), 1000)
INBOX: Final = Topic("inbox", (), 2000)
PULSE: Final = Topic("pulse", (), 1000)
GPUS: Final = Topic("gpu.list", (), 3000)
_RIGHT: Final = 36
"""Width of what is happening."""
_RIGHT_WIDE: Final = 54


class NowScreen(BoxScreen):
    """Everything on it comes from four topics; nothing is asked for besides."""

    NAME = "now"
    TITLE_IN_TABS = "NOW"
    EXPLAINS = (
        "Is the box fine, what is it doing, and what waits for you? WAITS FOR says why a model does not "
        "answer, with the key that helps. Enter on a line of 'Needs you' opens what decides it."
    )
    KEYS = (
        ActionKey("s", "model.run", "run", within="running"),
        ActionKey("x", "model.stop", "stop", within="running"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "approve", show=False),
        Binding("r", "refuse", "refuse", show=False),
        Binding("d", "details", "details", show=False),
    ]
    DEFAULT_CSS = f"""
    NowScreen #top {{ height: auto; padding: 0 1; }}
    NowScreen #fine {{ width: 1fr; height: auto; text-wrap: nowrap; text-overflow: ellipsis; }}
    NowScreen #happening {{ width: {_RIGHT}; height: auto; margin-left: 2; text-wrap: nowrap; }}
    NowScreen #running {{ height: 4; margin: 0 1; }}
    NowScreen #inbox {{ height: 1fr; margin: 0 1; }}
    NowScreen.-wide #happening {{ width: {_RIGHT_WIDE}; }}
    NowScreen.-narrow #happening {{ display: none; }}
    NowScreen.-short #top-title {{ display: none; }}
    """

    _placed = False

    def body(self) -> Widget:
        """Three parts."""
        return Vertical(
            Title("Is it fine?", id="top-title"),
            Horizontal(Lines(id="fine"), Lines(id="happening"), id="top"),
            Title("Running models", id="running-title"),
            Rows(running.COLUMNS, id="running", empty="Nobody knows yet."),
            Title("Needs you", id="inbox-title"),
            Rows(waiting.COLUMNS, id="inbox", empty="Nothing waits for you."),
        )

    def on_mount(self) -> None:
        """Keys go to what needs somebody."""
        self.query_one("#inbox", Rows).focus()

    def _place_focus(self, status: Status) -> None:
        """Once, when all is known: to the models where nothing needs anybody."""
        inbox = self.app.latest(INBOX)
        if self._placed or not isinstance(inbox, Inbox):
            return
        self._placed = True
        if not inbox.rows and status.models:
            self.query_one("#running", Rows).focus()

    def topics(self) -> Sequence[Topic]:
        """See ``BoxScreen``."""
        return (STATUS, INBOX, PULSE, GPUS)

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """Of whatever came, draw what depends on it."""
        if isinstance(result, Inbox):
            self._draw_inbox(result)
        elif topic in {STATUS, PULSE, GPUS}:
            self._draw()

    def on_resize(self) -> None:
        """What fits is another."""
        self._draw()

    # ---- drawing ----

    def _draw(self) -> None:
        status, pulse, gpus = (self.app.latest(one) for one in (STATUS, PULSE, GPUS))
        status = status if isinstance(status, Status) else None
        pulse = pulse if isinstance(pulse, Pulse) else None
        gpus = gpus if isinstance(gpus, GpuList) else None
        self._draw_top(fine.verdicts(status, pulse, gpus), pulse)
        if status is not None:
            self._draw_running(status, pulse, gpus)
            self._place_focus(status)

    def _draw_top(self, found: Sequence[fine.Verdict], pulse: Pulse | None) -> None:
        plain, narrow = self.app.ascii_only, self.size.width < 80
        shown = fine.worst_first(found, self._lines_of_top - narrow)
        lines = [fine.line_of(one, ascii_only=plain) for one in shown]
        if narrow and pulse is not None:
            lines.append(happening.in_one_line(pulse))
        self.query_one("#fine", Lines).show(lines)
        if pulse is not None:
            width = _RIGHT_WIDE if self.size.width >= 110 else _RIGHT
            self.query_one("#happening", Lines).show(happening.happening(pulse, width, ascii_only=plain))

    @property
    def _lines_of_top(self) -> int:
        """Six are what happens right now; with more room all alarms are seen."""
        height = self.size.height
        return 3 if height < 24 else 6 if height < 34 else 9

    def _draw_running(self, status: Status, pulse: Pulse | None, gpus: GpuList | None) -> None:
        rows = running.rows_of(status, pulse, gpus, ascii_only=self.app.ascii_only)
        table = self.query_one("#running", Rows)
        table.say_when_empty(running.nothing_runs(status))
        table.show(rows)
        left = self.size.height - self._lines_of_top - 6
        table.styles.height = 1 + max(1, min(len(rows), left // 2 - 1))

    def _draw_inbox(self, inbox: Inbox) -> None:
        count = len(inbox.rows) + inbox.left_out
        self.query_one("#inbox-title", Title).show(f"Needs you ({count})", "warn" if count else "strong")
        self.query_one("#inbox", Rows).show(waiting.rows_of(inbox.rows, self.app.box.now_ms()))

    # ---- what is chosen, and what is done with it ----

    @property
    def _row(self) -> InboxRow | ModelSummary | None:
        rows = self.focused
        data = rows.chosen.data if isinstance(rows, Rows) and rows.chosen else None
        return data if isinstance(data, InboxRow | ModelSummary) else None

    def chosen(self) -> Mapping[str, object]:
        """The model, or what the row knows."""
        row = self._row
        if isinstance(row, ModelSummary):
            return {"model": row.id}
        return waiting.given(row) if row else {}

    def copied_command(self) -> str:
        """What shows the model, or decides the row."""
        row = self._row
        if isinstance(row, ModelSummary):
            return command_of(action_of("model.show"), {"model": row.id})
        return waiting.command(row) if row else ""

    def _approval(self) -> Deed | None:
        row = self._row
        if isinstance(row, ModelSummary):
            return running.remedy(row)
        return waiting.approval(row) if row else None

    def _refusal(self) -> Deed | None:
        row = self._row
        return waiting.refusal(row) if isinstance(row, InboxRow) else None

    def _opened(self) -> Deed | None:
        row = self._row
        if isinstance(row, ModelSummary):
            return Deed("model.show", {"model": row.id}, subject=row.id)
        return waiting.opened(row) if row else None

    def action_approve(self) -> None:
        """Say yes; of a model, give it what it lacks."""
        self._begin(self._approval())

    def action_refuse(self) -> None:
        """Say no."""
        self._begin(self._refusal())

    def on_rows_opened(self, _opened: Rows.Opened) -> None:
        """The action that decides it, or the model."""
        self._begin(self._opened())

    def _begin(self, deed: Deed | None) -> None:
        if deed is not None:
            self.app.act(deed)

    def action_details(self) -> None:
        """All that is known of a row."""
        row = self._row
        if isinstance(row, ModelSummary):
            self._begin(self._opened())
        elif row is not None:
            self.app.push_screen(CloseUp("Needs you", waiting.pairs(row), self._closeup_keys()))

    def _closeup_keys(self) -> list[CloseUpKey]:
        named = (("a", "approve", self._approval()), ("r", "refuse", self._refusal()))
        keys = [CloseUpKey(key, label, deed) for key, label, deed in named if deed is not None]
        deed = self._opened()
        return [*keys, CloseUpKey("enter", deed.action.replace(".", " "), deed)] if deed else keys

    @property
    def shown_keys(self) -> Sequence[tuple[str, str]]:
        """Those that the chosen row has a use for."""
        yes, no, deed = self._approval(), self._refusal(), self._opened()
        of_model = isinstance(self._row, ModelSummary)
        made = []
        if yes is not None:
            made.append(("a", yes.row.summary.split()[0].lower() if of_model else "approve"))
        if no is not None:
            made.append(("r", "refuse"))
        if deed is not None:
            made.append(("enter", deed.action.replace(".", " ")))
        return [*made, *([("d", "details")] if deed else ()), *super().shown_keys]
