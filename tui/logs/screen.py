"""The screen LOGS: five sections, one at a time, and any request by its id."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import Inbox
from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.deeds import ActionKey
from tui.logs.audited import Audit
from tui.logs.log import Log
from tui.logs.records import LogRecord
from tui.logs.requests import RequestDialog
from tui.logs.reviewed import Incidents, Reports, Samples
from tui.logs.sections import Section
from tui.parts.cells import Cell
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.parts.soles import Sole
from tui.screen import BoxScreen

_SECTIONS: Final[tuple[type[Section], ...]] = (Log, Incidents, Samples, Reports, Audit)
_WAITING: Final = {"incident": Incidents, "appeal": Incidents, "sample": Samples, "report": Reports}
"""Kinds of the inbox, by the section that decides them."""


class LogsScreen(BoxScreen):
    """What happened, what was noticed, what was done."""

    NAME = "logs"
    TITLE_IN_TABS = "LOGS"
    EXPLAINS = (
        "What happened here. The log as it is written; what tripwires noticed and spot checks drew, with who "
        "decides; flaw reports; and the audit log of who changed what, from where. A student's error message "
        "has a request id: g finds what the box knows of it. In the log: f follows or stands, v level, m "
        "model, w wraps, t time, o older lines, space marks, e saves. Elsewhere: v what is shown, a decides."
    )
    KEYS = (
        ActionKey("a", "incident.decide", "decide", within="incidents", form=True),
        ActionKey("t", "tripwire.list", "tripwires", within="incidents"),
        ActionKey("a", "sample.decide", "decide", within="samples", form=True),
        ActionKey("s", "sample.verify", "verify a day", within="samples", form=True),
        ActionKey("a", "report.triage", "triage", within="reports", form=True),
        ActionKey("s", "audit.verify", "verify all", within="audit"),
        ActionKey("h", "audit.head", "head", within="audit"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "request", "request id"),
        Binding("tab,right_square_bracket", "section(1)", "section", key_display="tab"),
        Binding("shift+tab,left_square_bracket", "section(-1)", "section before", show=False),
    ]
    DEFAULT_CSS = """
    LogsScreen #sections { height: 1fr; }
    LogsScreen.-wide .aside { display: block; }
    LogsScreen #bar { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; }
    """

    def body(self) -> Widget:
        """See ``BoxScreen``."""
        made = [section() for section in _SECTIONS]
        for one in made:
            one.id = f"section-{one.NAME}"
        return Vertical(Lines(id="bar"), ContentSwitcher(*made, id="sections", initial=made[0].id))

    def on_mount(self) -> None:
        """Begin with the log."""
        self._draw_bar()
        self.section.table.focus()

    @property
    def section(self) -> Section:
        """The one that is shown."""
        return next(one for one in self.query(Section) if one.id == self.query_one(ContentSwitcher).current)

    # ---- see BoxScreen ----

    def topics(self) -> Sequence[Topic]:
        """See ``BoxScreen``."""
        return (self.section.topic(),)

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """See ``BoxScreen``."""
        if isinstance(result, Inbox):
            self._waiting = {
                one: sum(_WAITING.get(row.kind) is one for row in result.rows) for one in _SECTIONS
            }
            self._draw_bar()
            return
        for one in self.query(Section):
            one.show(topic, result)

    def refuse(self, topic: Topic, error: CarrelError) -> None:
        """See ``BoxScreen``: said in the table."""
        for one in self.query(Section):
            one.refuse(topic, error)

    def chosen(self) -> Mapping[str, object]:
        """See ``BoxScreen``."""
        return self.section.chosen()

    def chosen_data(self) -> object:
        """See ``BoxScreen``: a record of the log as it is written."""
        data = super().chosen_data()
        return (data.fields or data.line) if isinstance(data, LogRecord) else data

    @property
    def shown_keys(self) -> Sequence[tuple[str, str]]:
        """See ``BoxScreen``: those of the section that is shown first."""
        screen, own = super().shown_keys, self.section.own_keys
        acts = screen[2:]
        return [*acts, *own[:2], screen[0], *own[2:], screen[1]]

    def copied_command(self) -> str:
        """See ``BoxScreen``."""
        known = action_of(self.section.COPIES or self.section.ACTION)
        names = {argument.name for argument in known.arguments}
        return command_of(known, {name: one for name, one in self.chosen().items() if name in names})

    # ---- the sections ----

    _waiting: Mapping[type[Section], int] = {}

    def action_section(self, by: int) -> None:
        """The next one, or the one before."""
        if self.query_one("#filter", Input).has_class("-open"):
            self.action_back()
        names = [f"section-{one.NAME}" for one in _SECTIONS]
        switcher = self.query_one(ContentSwitcher)
        switcher.current = names[(names.index(str(switcher.current)) + by) % len(names)]
        self.section.table.focus()
        self._draw_bar()
        self.follow_anew()
        self.query_one("#sole", Sole).show(self.shown_keys)

    def _draw_bar(self) -> None:
        here = self.section
        line: list[Cell | str] = []
        for one in _SECTIONS:
            count = self._waiting.get(one, 0)
            title = f"{one.TITLE} {count}" if count else one.TITLE
            mine = isinstance(here, one)
            line.append(
                Cell(
                    f"[{title}]" if mine else f" {title} ", "strong" if mine else "warn" if count else "quiet"
                )
            )
        self.query_one("#bar", Lines).show([tuple(line)])

    def on_section_anew(self, event: Section.Anew) -> None:
        """Another view of the same."""
        event.stop()
        self.follow_anew()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """More of a row."""
        deed = self.section.opened(event.row)
        if deed is not None:
            self.app.act(deed)

    def action_request(self) -> None:
        """What is known of a request; of the one under the cursor where it is of one."""
        row = self.section.table.chosen
        known = row.data.request_id if row and isinstance(row.data, LogRecord) else ""
        self.app.push_screen(RequestDialog(known))

    # ---- the filter ----

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Words that filter the log are also looked for in what is not on the screen."""
        if event.input.id == "filter" and isinstance(self.section, Log):
            self.section.search(event.value)
        super().on_input_submitted(event)

    def action_back(self) -> None:
        """See ``BoxScreen``: without a filter all of the log is asked for again."""
        super().action_back()
        if isinstance(self.section, Log):
            self.section.search("")
