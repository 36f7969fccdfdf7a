"""What all eight screens have in common: topics that they follow, keys that begin actions, a filter, the
command to copy.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from appliance.client.operator import Seen
from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.deeds import ActionKey, Deed
from tui.parts.lines import Lines
from tui.parts.masthead import Masthead, Tabs
from tui.parts.rows import Rows
from tui.parts.soles import Sole
from tui.recording.bar import ReplayBar, bind_keys, replayed
from tui.recording.replaying import ReplayBox
from tui.viewer import Viewer


class BoxScreen(Screen[None]):
    """One of the eight. Subclasses fill ``body``, say which topics they follow, show what comes, and say
    what is chosen.
    """

    NAME: ClassVar[str]
    """Of the mode: ``now``, ``models``, …"""
    TITLE_IN_TABS: ClassVar[str]
    KEYS: ClassVar[Sequence[ActionKey]] = ()
    COPIES: ClassVar[str] = ""
    """The action whose command ``c`` copies, with what is chosen."""
    EXPLAINS: ClassVar[str] = ""
    """What the screen is for, for its help: some sentences."""
    DEFAULT_CSS = """
    BoxScreen { layout: vertical; overflow: hidden; }
    BoxScreen > #body { height: 1fr; }
    BoxScreen > #filter { height: 1; border: none; padding: 0 1; background: $surface; display: none; }
    BoxScreen > #filter.-open { display: block; }
    BoxScreen > #trouble { height: auto; max-height: 2; display: none; padding: 0 1; }
    BoxScreen > #trouble.-open { display: block; }
    """

    app: Viewer

    def __init__(self) -> None:
        super().__init__()
        self._refused: dict[Topic, str] = {}
        """Why topics have no answer."""

    # ---- for subclasses ----

    def body(self) -> Widget:
        """All that is between the tabs and the last line. Its id becomes ``body``."""
        raise NotImplementedError

    def topics(self) -> Sequence[Topic]:
        """What the screen follows now. After a change of mind it calls ``follow_anew``."""
        return ()

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """A topic's newest answer."""

    def chosen(self) -> Mapping[str, object]:
        """Arguments that what is chosen stands for, by their names in the table of actions: ``{"model":
        "demo"}``.
        """
        return {}

    def subject(self) -> str:
        """What a person calls that which is chosen."""
        return next((str(one) for one in self.chosen().values()), "")

    def chosen_data(self) -> object:
        """What ``y`` copies as JSON."""
        rows = self.focused
        return rows.chosen.data if isinstance(rows, Rows) and rows.chosen else None

    # ---- what it does for them ----

    def compose(self) -> ComposeResult:
        """Head, tabs, the body, and the line of keys."""
        yield Masthead(id="masthead")
        yield Tabs(self.NAME, id="tabs")
        body = self.body()
        body.id = "body"
        yield body
        yield Lines(id="trouble")
        yield Input(
            placeholder="filter: words that must be there, !word must not; esc ends it",
            id="filter",
            # Until it is opened: it must not take the focus on a screen with nothing else to take it.
            disabled=True,
        )
        if (played := replayed(self.app.box)) is not None:
            yield ReplayBar(played, id="replay")
        yield Sole(id="sole")

    def on_mount(self) -> None:
        """Bind the keys that begin actions."""
        for number, one in enumerate(self.KEYS):
            self._bindings.bind(one.key, f"begin({number})", one.label, show=one.shown)
        if replayed(self.app.box) is not None:
            bind_keys(self._bindings)

    def on_screen_resume(self) -> None:
        """Follow what this screen shows, and have it told all that is known."""
        self.app.follow(self.topics(), again=True)

    def follow_anew(self) -> None:
        """The topics are others than they were."""
        if self.is_current:
            self.app.follow(self.topics())
            self._say_refusals()

    def hear(self, seen: Seen) -> None:
        """A topic's newest answer, or why there is none."""
        if seen.error is not None:
            self.refuse(seen.topic, seen.error)
            return
        if self._refused.pop(seen.topic, None):
            self._say_refusals()
        if seen.result is not None:
            self.show(seen.topic, seen.result)

    def refuse(self, topic: Topic, error: CarrelError) -> None:
        """A topic cannot be answered: said in a line above the keys, until it is, or is not followed."""
        self._refused[topic] = f"{topic.action}: {error.message}"
        self._say_refusals()

    def _say_refusals(self) -> None:
        followed = self.topics()
        said = (words for topic, words in self._refused.items() if topic in followed)
        self.trouble(next(said, ""), "bad")

    def trouble(self, text: str, tone: str = "warn") -> None:
        """Say this above the keys; empty takes away what is there."""
        line = self.query_one("#trouble", Lines)
        line.set_class(bool(text), "-open")
        line.say(text, tone)

    def action_begin(self, number: int) -> None:
        """What one of ``KEYS`` does."""
        key = self.KEYS[number]
        self.app.act(self.deed(key))

    def deed(self, key: ActionKey) -> Deed:
        """What a key would do with what is chosen now."""
        known = {argument.name for argument in action_of(key.action).arguments}
        arguments = {name: value for name, value in self.chosen().items() if name in known}
        return Deed(key.action, {**arguments, **dict(key.given)}, key.form, key.quiet, self.subject())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of a table work only while it has the focus."""
        if action == "begin" and isinstance(parameters[0], int):
            within = self.KEYS[parameters[0]].within
            return not within or (self.focused is not None and self.focused.id == within)
        return True

    @property
    def shown_keys(self) -> Sequence[tuple[str, str]]:
        """Keys and what they do, for the last line: those of this screen that work now."""
        made = []
        for number, one in enumerate(self.KEYS):
            if one.shown and self.check_action("begin", (number,)):
                made.append((one.key, one.label))
        own = [one for one in self.BINDINGS if isinstance(one, Binding) and one.show and one.description]
        return [*((one.key_display or one.key, one.description) for one in own), *made]

    def on_descendant_focus(self) -> None:
        """Other keys work in another table."""
        self.redraw_keys()

    def on_rows_chosen(self) -> None:
        """Other keys may work on another row."""
        self.redraw_keys()

    def redraw_keys(self) -> None:
        """The last line follows what is chosen."""
        self.query_one("#sole", Sole).show(self.shown_keys)

    def copied_command(self) -> str:
        """The command that shows what is chosen; empty where there is none."""
        if not self.COPIES:
            return ""
        known = action_of(self.COPIES)
        names = {argument.name for argument in known.arguments}
        return command_of(known, {name: one for name, one in self.chosen().items() if name in names})

    # ---- a recording ----

    def action_replay_pause(self) -> None:
        """Stay at this moment, or go on."""
        self._replay(lambda box: box.player.toggle())

    def action_replay_move(self, by_s: int) -> None:
        """Back or on by so many seconds."""
        self._replay(lambda box: box.player.move(by_s * 1000))

    def action_replay_hurry(self, by: int) -> None:
        """Faster or slower."""
        self._replay(lambda box: box.player.hurry(by))

    def _replay(self, work: Callable[[ReplayBox], None]) -> None:
        if (played := replayed(self.app.box)) is not None:
            work(played)
            self.query_one("#replay", ReplayBar).tick()

    # ---- the filter ----

    def action_filter(self) -> None:
        """Begin to filter the table that has the focus."""
        if isinstance(self.focused, Rows):
            line = self.query_one("#filter", Input)
            self._filtered = self.focused
            line.disabled = False
            line.add_class("-open")
            line.focus()

    _filtered: Rows | None = None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        if event.input.id == "filter" and self._filtered is not None:
            event.stop()
            self._filtered.filter_by(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps the filter and goes back to the table."""
        if event.input.id == "filter" and self._filtered is not None:
            event.stop()
            self._filtered.focus()

    def action_back(self) -> None:
        """Esc: first out of the filter, then wherever a screen says."""
        line = self.query_one("#filter", Input)
        if line.has_class("-open"):
            line.value = ""
            line.remove_class("-open")
            line.disabled = True
            if self._filtered is not None:
                self._filtered.filter_by("")
                self._filtered.focus()
                self._filtered = None
