"""The screen USAGE: what was used, what of it leaves, and what labs give each other."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher
from textual.worker import WorkType

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import FedPreview, UsageLine
from appliance.domain.results.federation import FedRefused
from appliance.domain.watching import Topic, Value
from appliance.errors import CarrelError
from tui.deeds import ActionKey
from tui.parts.closeups import CloseUp, CloseUpKey
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.parts.soles import Sole
from tui.screen import BoxScreen
from tui.usage import closer, drawing, keys, use
from tui.usage.leaving import Leaving, Payload
from tui.usage.sections import LEAVES, NAMES, TABLES, TITLES, USE, Section, SectionBar
from tui.usage.use import BY, DAYS, Use

_ACTIONS: Final = {
    "outbox": ("fed.status",),
    "leases": ("license.leases",),
    "notices": ("fed.notices",),
    "checks": ("fed.checks",),
    "shared": ("share.list",),
    "borrowed": ("share.borrowed",),
    "peers": ("share.requests", "share.peers"),
}
_COUNTED: Final = ("fed.status", "fed.checks", "share.requests")
"""Followed whatever is open: what waits is told beside the names."""


class UsageScreen(BoxScreen):
    """One section at a time has the whole body."""

    NAME = "usage"
    TITLE_IN_TABS = "USAGE"
    EXPLAINS = keys.EXPLAINS
    KEYS: ClassVar[Sequence[ActionKey]] = keys.KEYS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right", "turn(1)", "next section", show=False),
        Binding("shift+tab,left", "turn(-1)", "section before", show=False),
        Binding("g", "by_next", "sum by", show=False),
        Binding("w", "further", "look back", show=False),
        Binding("r", "ask_anew", "ask anew", show=False),
        Binding("t", "with_today", "with today", show=False),
    ]
    DEFAULT_CSS = """
    UsageScreen.-short Use.-over-time > #plot { display: none; }
    UsageScreen.-short Section > Lines { max-height: 3; }
    UsageScreen.-short Leaving > #words-leaves, UsageScreen.-short Leaving > #about { max-height: 1; }
    UsageScreen.-short Leaving > #leaves { height: 3; min-height: 3; }
    """
    _OF: ClassVar[Mapping[str, str]] = {
        "by_next": USE,
        "further": USE,
        "ask_anew": LEAVES,
        "with_today": LEAVES,
    }
    """In which section an action of ``BINDINGS`` does something."""

    _present = USE
    _by = BY[0]
    _days = 30
    _project = ""
    _today = False

    # ---- drawing ----

    def body(self) -> Widget:
        """The names of the sections, and one of them."""
        switcher = ContentSwitcher(
            Use(id=f"section-{USE}"),
            Leaving(id=f"section-{LEAVES}"),
            *map(Section, TABLES),
            initial=f"section-{USE}",
        )
        return Vertical(SectionBar(id="sections"), switcher)

    def on_mount(self) -> None:
        """Keys go to the table of the section."""
        super().on_mount()
        self.query_one(f"#{self._present}", Rows).focus()
        self._counts: dict[str, int] = {}

    def topics(self) -> Sequence[Topic]:
        """What the section shows, and what is counted beside the names."""
        wanted = dict.fromkeys((*_ACTIONS.get(self._present, ()), *_COUNTED))
        made = [Topic(name, (), drawing.EVERY_MS) for name in wanted]
        return [*made, self._usage] if self._present == USE else made

    @property
    def _usage(self) -> Topic:
        project: tuple[tuple[str, Value], ...] = (("project", self._project),) if self._project else ()
        return Topic("usage", (*project, ("days", self._days), ("by", self._by)), drawing.EVERY_MS)

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """Draw what came into its section."""
        if topic.action == "usage":
            if topic == self._usage:
                drawing.usage(self.query_one(Use), result, self._project, self._days, self.app)
            return
        drawn = drawing.drawn(topic.action, result, self.app)
        if drawn is None:
            return
        if topic.action in _COUNTED:
            self._counts.update(drawn.counts)
            self.query_one("#sections", SectionBar).show(self._present, self._counts)
        name = next(one for one, actions in _ACTIONS.items() if topic.action in actions)
        rows = self.query_one(f"#{name}", Rows)
        rows.say_when_empty(drawn.empty or next(one.empty for one in TABLES if one.name == name))
        rows.show(drawn.rows)
        words = self.query_one(f"#words-{name}", Lines)
        words.display = bool(drawn.words)
        words.show(drawn.words)

    def refuse(self, topic: Topic, error: CarrelError) -> None:
        """Said in the section that it is about, in place of rows."""
        name = next((one for one, actions in _ACTIONS.items() if topic.action in actions), USE)
        rows = self.query_one(f"#{name}", Rows)
        rows.say_when_empty(error.message)
        rows.show(())
        self.query_one(f"#words-{name}", Lines).display = name == USE

    # ---- sections ----

    def action_turn(self, by: int) -> None:
        """To the next section, or the one before."""
        self._present = NAMES[(NAMES.index(self._present) + by) % len(NAMES)]
        self.query_one(ContentSwitcher).current = f"section-{self._present}"
        self.query_one("#sections", SectionBar).show(self._present, self._counts)
        self.query_one(f"#{self._present}", Rows).focus()
        self.follow_anew()
        self._draw_keys()
        if self._present == LEAVES:
            self.action_ask_anew()

    def _draw_keys(self) -> None:
        self.query_one("#sole", Sole).show(self.shown_keys)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of a section work only in it."""
        if action in self._OF:
            return self._OF[action] == self._present
        return super().check_action(action, parameters)

    @property
    def shown_keys(self) -> Sequence[tuple[str, str]]:
        """Those of the section first."""
        own = [
            (one.key, one.description)
            for one in self.BINDINGS
            if isinstance(one, Binding) and self._OF.get(one.action) == self._present
        ]
        return [("tab", "section"), *own, *super().shown_keys]

    # ---- use ----

    def action_by_next(self) -> None:
        """Sum by something else."""
        self._look(by=BY[(BY.index(self._by) + 1) % len(BY)])

    def action_further(self) -> None:
        """Look back further, and from a year to a day."""
        self._look(days=DAYS[(DAYS.index(self._days) + 1) % len(DAYS)])

    def _look(self, *, by: str | None = None, days: int | None = None, project: str | None = None) -> None:
        self._by = by or self._by
        self._days = days or self._days
        self._project = self._project if project is None else project
        self.follow_anew()
        self._draw_keys()

    def action_back(self) -> None:
        """Out of the filter, then out of a project."""
        if self._project and self._filtered is None:
            self._look(project="", by="project")
        else:
            super().action_back()

    # ---- leaves ----

    def action_ask_anew(self) -> None:
        """What leaves now."""

        async def ask() -> None:
            pane = self.query_one(Leaving)
            try:
                found = await self.app.box.run("fed.preview", {"today": self._today})
            except CarrelError as error:
                pane.refuse(error.message)
            else:
                if isinstance(found, FedPreview):
                    pane.show(found)

        work: WorkType[None] = ask
        self.run_worker(work, group="loading", exclusive=True)

    def action_with_today(self) -> None:
        """Also what a report of today would be, or not."""
        self._today = not self._today
        self.action_ask_anew()

    @on(Rows.Chosen, "#leaves")
    def _message_chosen(self) -> None:
        self.query_one(Leaving).follow()

    # ---- what is chosen ----

    @property
    def _data(self) -> object:
        row = self.query_one(f"#{self._present}", Rows).chosen
        return row.data if row else None

    def chosen(self) -> Mapping[str, object]:
        """What the row stands for, by the names of its actions' arguments."""
        data = self._data
        if self._present == USE:
            project = {"project": data.group} if isinstance(data, UsageLine) and self._by == "project" else {}
            return {
                "days": self._days,
                "by": self._by,
                **({"project": self._project} if self._project else project),
            }
        if self._present == "outbox":
            return {"id": data.id} if isinstance(data, FedRefused) else {}
        return {
            name: value
            for name in ("id", "model")
            if isinstance(value := getattr(data, name, None), str) and value
        }

    def subject(self) -> str:
        """A model by its name, anything else by its id."""
        chosen = self.chosen()
        return str(chosen.get("model") or chosen.get("id") or "")

    def copied_command(self) -> str:
        """The command that shows the section."""
        if self._present == USE:
            given = {"by": self._by, "days": self._days, "project": self._project or None}
            return command_of(action_of("usage"), given)
        if self._present == LEAVES:
            return command_of(action_of("fed.preview"), {"today": self._today})
        if self._present == "shared" and self._data is not None:
            return command_of(action_of("share.show"), self.chosen())
        return command_of(action_of(_ACTIONS[self._present][-1]), {})

    def action_begin(self, number: int) -> None:
        """Keys that are about a row do nothing without one."""
        key = self.KEYS[number]
        if key.action in keys.NEED_A_ROW and not self.chosen():
            self.app.notify(f"{key.label}: choose the row first that it is about.", markup=False)
        else:
            super().action_begin(number)

    @on(Rows.Opened)
    def _opened(self, event: Rows.Opened) -> None:
        event.stop()
        data = self._data
        leaving = self.query_one(Leaving).chosen
        if self._present == LEAVES and leaving is not None:
            self.app.push_screen(Payload(leaving))
        elif self._present == USE and isinstance(data, UsageLine) and self._by == "project":
            self._look(project=data.group, by="person")
        else:
            facts = use.facts_of(data, self._by) if isinstance(data, UsageLine) else closer.facts_of(data)
            self.app.push_screen(CloseUp(f"{TITLES[self._present]}: {self.subject()}", facts, self._deeds()))

    def _deeds(self) -> list[CloseUpKey]:
        if not self.chosen():
            return []
        return [
            CloseUpKey(one.key, one.label, self.deed(one)) for one in self.KEYS if one.within == self._present
        ]
