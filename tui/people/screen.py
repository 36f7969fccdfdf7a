"""The screen PEOPLE: projects, the people in them and their keys; and what they ask for."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widget import Widget

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import (
    ApplicationSummary,
    BudgetRequestState,
    KeySummary,
    MemberSummary,
    PersonSummary,
    ProjectSummary,
)
from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.deeds import ActionKey, Deed
from tui.parts.closeups import CloseUp
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.people import following, keys
from tui.people.asking import Asking, close_up
from tui.people.folk import Folk
from tui.people.key_facts import key_deeds, key_pairs
from tui.people.place import place
from tui.screen import BoxScreen

_SETTLES_S: Final = 0.15
"""So long a cursor must rest before what is under it is asked for."""
_AT_ONCE_S: Final = 0.01
_ASKED: Final = (following.QUEUE, following.ASKS)


class PeopleScreen(BoxScreen):
    """Drills down from projects to people to keys; ``t`` turns to what waits for a decision."""

    NAME = "people"
    TITLE_IN_TABS = "PEOPLE"
    KEYS = keys.ACTION_KEYS
    EXPLAINS = (
        "Projects, the people in them, and their keys. Enter goes in, esc goes out. The bars are what is "
        "used of today's limit, and of the term's or the whole. t turns to what people ask for."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("t", "turn", "requests or people", show=False)]
    DEFAULT_CSS = """
    PeopleScreen #place { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    PeopleScreen Asking { display: none; }
    PeopleScreen .-asked Asking { display: block; }
    PeopleScreen .-asked Folk { display: none; }
    PeopleScreen.-wide Folk > Rows { display: block; margin-right: 1; }
    PeopleScreen.-wide Folk > #projects { width: 35fr; }
    PeopleScreen.-wide Folk > #people { width: 48fr; }
    PeopleScreen.-wide Folk > #keys { width: 29fr; margin-right: 0; }
    PeopleScreen.-wide Asking > #asked { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._projects: msgspec.Struct | None = None
        self._settling: Timer | None = None
        self._followed: tuple[Topic, ...] = ()
        self._followed_s = 0.0

    def body(self) -> Widget:
        """A line that says where one is, above the tables."""
        return Vertical(Lines(id="place"), Folk(), Asking(id="asking"))

    def on_mount(self) -> None:
        """Begin with the projects."""
        super().on_mount()
        self.folk.go(0)
        self._draw_place()

    # ---- its parts ----

    @property
    def folk(self) -> Folk:
        """The three tables."""
        return self.query_one(Folk)

    @property
    def asking(self) -> Asking:
        """The two tables of requests."""
        return self.query_one(Asking)

    @property
    def asks(self) -> bool:
        """Whether requests are shown."""
        return self.query_one("#body").has_class("-asked")

    @property
    def wide(self) -> bool:
        """Whether all three tables are beside each other."""
        return self.has_class("-wide")

    # ---- following ----

    def topics(self) -> Sequence[Topic]:
        """What is seen, and how much waits."""
        return (following.PROJECTS, *_ASKED) if self.asks else (*self.folk.topics(wide=self.wide), *_ASKED)

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """Draw what an answer is shown in."""
        self.folk.draw(topic.action)
        if topic in _ASKED:
            self.asking.draw()
        self._draw_place()
        if topic == following.PROJECTS and self._projects is not result:
            self._projects = result
            self._follow_soon()

    def refuse(self, topic: Topic, error: CarrelError) -> None:
        """Requests say so themselves: they are for reviewers."""
        if topic in _ASKED:
            self.asking.refused(topic.action, error.message)
            return
        super().refuse(topic, error)

    def follow_anew(self) -> None:
        """See ``BoxScreen``."""
        topics = tuple(self.topics())
        if self.is_current and topics != self._followed:
            self._followed, self._followed_s = topics, self._time_s()
            self.app.follow(topics)

    def _follow_soon(self) -> None:
        """At once for one who moves seldom; for one who runs through the rows, when they rest."""
        if self._settling is not None:
            self._settling.stop()
        rests = self._time_s() - self._followed_s > _SETTLES_S
        self._settling = self.set_timer(_AT_ONCE_S if rests else _SETTLES_S, self.follow_anew)

    def _time_s(self) -> float:
        return asyncio.get_running_loop().time()

    def on_resize(self, _event: events.Resize) -> None:
        """Other tables can be seen."""
        self._follow_soon()

    # ---- moving ----

    @on(Rows.Chosen)
    def look_at_row(self, event: Rows.Chosen) -> None:
        """What belongs to the new row, at once where it is known."""
        if event.rows.id == keys.PROJECTS:
            self._say_refusals()
            self.folk.draw_people()
        elif event.rows.id == keys.PEOPLE:
            self.folk.draw_keys()
        elif event.rows.id in {keys.APPLICATIONS, keys.ASKS} and event.rows.has_focus:
            self._look()
        self._draw_place()
        if event.rows.id in {keys.PROJECTS, keys.PEOPLE}:
            self._follow_soon()

    @on(Rows.Opened)
    def open_row(self, event: Rows.Opened) -> None:
        """In, or all of what cannot be gone into."""
        if event.rows.id in {keys.APPLICATIONS, keys.ASKS}:
            self.app.push_screen(close_up(event.row, self._project_of(event.row.data)))
        elif event.rows.id == keys.KEYS and isinstance(event.row.data, KeySummary):
            one = event.row.data
            self.app.push_screen(CloseUp(f"Key {one.id}", key_pairs(one), key_deeds(one)))
        else:
            self._enter(self.folk.level + 1)

    def action_back(self) -> None:
        """Out of the filter, else of the table, else of the requests."""
        if self._filtered is not None:
            super().action_back()
        elif self.asks:
            self.action_turn()
        elif self.folk.level:
            self._enter(self.folk.level - 1)

    def action_turn(self) -> None:
        """From people to requests and back."""
        self.query_one("#body").toggle_class("-asked")
        if self.asks:
            tables = [self.asking.table(one) for one in (keys.APPLICATIONS, keys.ASKS)]
            next((one for one in tables if one.rows), tables[0]).focus()
        else:
            self.folk.go(self.folk.level)
        self._draw_place()
        self._say_refusals()
        self.follow_anew()

    def _enter(self, level: int) -> None:
        self.folk.go(level)
        self._draw_place()
        self._say_refusals()
        self.follow_anew()

    @on(events.ScreenResume)
    def follow_from_here(self) -> None:
        """Another screen followed something else meanwhile."""
        self._followed = ()

    @on(events.DescendantFocus)
    def look_at_table(self, event: events.DescendantFocus) -> None:
        """Where one is, and what is said of the chosen row, follow the focus."""
        levels = {keys.PROJECTS: 0, keys.PEOPLE: 1, keys.KEYS: 2}
        if self.wide and event.widget.id in levels and levels[event.widget.id] != self.folk.level:
            self._enter(levels[event.widget.id])
        if event.widget.id in {keys.APPLICATIONS, keys.ASKS}:
            self._look()

    def _look(self) -> None:
        row = self.focused.chosen if isinstance(self.focused, Rows) else None
        self.asking.look_at(row, self._project_of(row.data if row else None))

    def _project_of(self, data: object) -> ProjectSummary | None:
        if not isinstance(data, ApplicationSummary | BudgetRequestState):
            return None
        return self.folk.known_project(data.project)

    def _draw_place(self) -> None:
        level = 2 if self.wide else self.folk.level
        crumbs = ["all projects", self.folk.project or "everybody", self.folk.person_id][: level + 1]
        self.query_one("#place", Lines).show([place(self.asking.waiting, crumbs, asks=self.asks)])

    # ---- acting ----

    def chosen(self) -> Mapping[str, object]:
        """Of the table that has the focus, and of those before it."""
        data = self._row_data
        if isinstance(data, ApplicationSummary | BudgetRequestState):
            return {"id": data.id}
        made = {"project": self.folk.project}
        if isinstance(data, PersonSummary | MemberSummary):
            made["person"] = self.folk.person_id
        if isinstance(data, KeySummary):
            made |= {"id": data.id, "key": data.id, "project": data.project, "person": data.person}
        elif self.focused is not None and self.focused.id == keys.KEYS:
            made["person"] = self.folk.person_id
        return {name: one for name, one in made.items() if one}

    def subject(self) -> str:
        """A key is called by its id: its name is anybody's."""
        chosen = self.chosen()
        return str(next((chosen[one] for one in ("id", "person", "project") if one in chosen), ""))

    def deed(self, key: ActionKey) -> Deed:
        """Without what is not the new thing's, and with what a key has now."""
        made = super().deed(key)
        strange = keys.left_out(key.action, key.within)
        arguments = {name: one for name, one in made.arguments.items() if name not in strange}
        if key.action == "key.set" and self.folk.key is not None:
            limits = ("requests_per_minute", "tokens_per_minute", "requests_per_day", "running")
            arguments |= {one: getattr(self.folk.key, one) for one in limits}
        return Deed(key.action, arguments, key.form, key.quiet, made.subject)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what fits the state of what is chosen."""
        if not super().check_action(action, parameters):
            return False
        if action != "begin" or not isinstance(parameters[0], int):
            return True
        return keys.fits(self.KEYS[parameters[0]].action, self._row_data)

    @property
    def _row_data(self) -> object:
        return self.focused.chosen.data if isinstance(self.focused, Rows) and self.focused.chosen else None

    def copied_command(self) -> str:
        """That which shows what is chosen."""
        table = self.focused.id if self.focused is not None else None
        action = keys.COPIES.get(table or "", "project.list")
        known, chosen = action_of(action), self.chosen()
        names = {one.name for one in known.arguments}
        if any(one.required and one.name not in chosen for one in known.arguments):
            known, names = action_of("project.list"), set()
        return command_of(known, {name: one for name, one in chosen.items() if name in names})
