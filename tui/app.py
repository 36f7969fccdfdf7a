"""The application: eight screens over one subscription, the keys that every screen has, and what is done
with actions.
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Final

import msgspec
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider

from appliance.client.operator import Seen
from appliance.domain.results import ClassList, Inbox, Status
from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.box import Box
from tui.commands import LocalCommands, NoCommands
from tui.deeds import Deed, Doings
from tui.eight import MODES, screen_of
from tui.feed import Feed
from tui.help_screen import HelpScreen
from tui.parts.lines import Lines
from tui.parts.masthead import Masthead, Tabs, pieces_of
from tui.parts.soles import Sole
from tui.recording.bar import ReplayBar, replayed
from tui.screen import BoxScreen
from tui.themes import DARK, LIGHT, themes
from tui.viewer import CLASSES, STATUS, Viewer

INBOX: Final = Topic("inbox", (), 2000)
_REPLAYED_EVERY_S: Final = 0.5
ALWAYS: Final = (STATUS, INBOX, CLASSES)
"""What the head of every screen follows."""


def _action_commands() -> type[Provider]:
    """Loaded with the first action: the first screen is there a fifth of a second sooner."""
    from tui.acting.palette import ActionCommands  # noqa: PLC0415

    return ActionCommands


class CarrelApp(Viewer):
    """A viewer of ``box``. ``commands`` carries out what a command line does by itself, such as
    ``doctor``.
    """

    TITLE = "Carrel"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[Any] = App.COMMANDS | {_action_commands}
    MODES: ClassVar[Any] = {one: partial(screen_of, one) for one in MODES}
    DEFAULT_MODE = "now"
    # Textual declares both as variables of the instance.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-usual"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"go('{one}')", one, show=False) for n, one in enumerate(MODES, 1)),
        Binding("colon,ctrl+p", "command_palette", "command", show=False),
        Binding("u", "undo", "undo", show=False),
        Binding("question_mark", "explain", "help", show=False),
        Binding("slash", "on_screen('filter')", "filter", show=False),
        Binding("escape", "on_screen('back')", "back", show=False),
        Binding("c", "copy_command", "copy command", show=False),
        Binding("y", "copy_row", "copy row", show=False),
        Binding("exclamation_mark", "newest", "what waits", show=False),
        Binding("f2", "other_theme", "theme", show=False),
        Binding("q,ctrl+c", "leave", "leave", show=False, priority=False),
    ]
    CSS = """
    Screen { background: $background; color: $foreground; }
    ModalScreen { background: $background 60%; }
    Toast { max-width: 90%; }
    """

    def __init__(self, box: Box, commands: LocalCommands | None = None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.box = box
        self.commands = commands or NoCommands()
        self.ascii_only = ascii_only
        self.doings = Doings()
        self.feed = Feed(box, self._hear, self._lose)
        self._lost = ""
        for one in themes():
            self.register_theme(one)
        self.theme = DARK
        for name in set(self.available_themes) - {DARK, LIGHT}:
            # Tones are of our two themes: on another's background they could not be read.
            self.unregister_theme(name)

    def on_mount(self) -> None:
        """The head of a recording says which moment is shown."""
        if replayed(self.box) is not None:
            self.set_interval(_REPLAYED_EVERY_S, self._draw_head)

    # ---- the feed ----

    def follow(self, topics: Sequence[Topic], *, again: bool = False) -> None:
        """See ``Viewer``."""
        self.feed.follow((*ALWAYS, *topics), again=again)
        self._draw_head()

    def latest(self, topic: Topic) -> msgspec.Struct | None:
        """The newest answer of a topic that is or was followed."""
        seen = self.feed.known(topic)
        return seen.result if seen else None

    def _hear(self, news: Sequence[Seen]) -> None:
        screen = self._box_screen
        if screen is None or not screen.is_mounted:
            return
        for one in news:
            if one.error is None or one.topic not in ALWAYS:
                screen.hear(one)
        if any(one.topic in ALWAYS for one in news):
            self._draw_head()
        self.draw_keys()

    def _lose(self, error: CarrelError | None) -> None:
        self._lost = error.message if error else ""
        self._draw_head()

    def _draw_head(self) -> None:
        screen = self._box_screen
        if screen is None or not screen.is_mounted:
            return
        status, classes, inbox = (self.latest(one) for one in (STATUS, CLASSES, INBOX))
        pieces = pieces_of(
            self.box.name,
            status if isinstance(status, Status) else None,
            classes if isinstance(classes, ClassList) else None,
            inbox if isinstance(inbox, Inbox) else None,
            lost=self._lost,
            readonly=self.box.readonly,
        )
        screen.query_one("#masthead", Masthead).show(pieces)

    def draw_keys(self) -> None:
        """The line of keys follows the focus."""
        screen = self._box_screen
        if screen is not None and screen.is_mounted:
            screen.query_one("#sole", Sole).show(screen.shown_keys)

    @property
    def _box_screen(self) -> BoxScreen | None:
        return next((one for one in reversed(self.screen_stack) if isinstance(one, BoxScreen)), None)

    @property
    def present(self) -> BoxScreen:
        """The screen under whatever dialogs are open."""
        found = self._box_screen
        if found is None:
            raise RuntimeError("no screen is up yet")
        return found

    # ---- keys of every screen ----

    async def action_go(self, mode: str) -> None:
        """To one of the eight."""
        await self.switch_mode(mode)

    def go(self, mode: str) -> None:
        """See ``Viewer``."""
        self.call_next(self.switch_mode, mode)

    def action_explain(self) -> None:
        """What this screen is for, and its keys."""
        self.push_screen(HelpScreen(self.present))

    async def action_on_screen(self, what: str) -> None:
        """What the screen under it does."""
        await self.present.run_action(f"{what}")

    def action_copy_command(self) -> None:
        """The command line's twin of what is chosen."""
        self.copy(self.present.copied_command() or "carrel status")

    def action_copy_row(self) -> None:
        """What is chosen, as JSON."""
        data = self.present.chosen_data()
        if data is not None:
            self.copy(json.dumps(msgspec.to_builtins(data), ensure_ascii=False), "the row as JSON")

    def copy(self, text: str, what: str = "") -> None:
        """Into the terminal's clipboard (OSC 52), and say so: not every terminal takes it."""
        self.copy_to_clipboard(text)
        self.notify(what or text, title="copied", markup=False)

    async def action_newest(self) -> None:
        """To what waits for somebody."""
        await self.switch_mode("now")

    def action_other_theme(self) -> None:
        """From dark to light and back."""
        self.theme = LIGHT if self.theme == DARK else DARK

    def action_leave(self) -> None:
        """Close the viewer; the box goes on."""
        self.exit()

    def watch_theme(self, _theme: str) -> None:
        """Draw in other tones what draws its own."""
        for screen in self.screen_stack:
            for one in screen.query("*"):
                if isinstance(one, Lines | Tabs | Sole | ReplayBar):
                    one.redraw()
        if self.screen_stack:
            self._draw_head()

    # ---- actions ----

    def act(self, deed: Deed) -> None:
        """Ask for what is missing, ask back where something can be lost, have it done, show what came of
        it.
        """
        from tui.acting.carrying_out import carry_out  # noqa: PLC0415 - as ``_action_commands``

        self.run_worker(carry_out(self, deed), group="acting", exclusive=False, exit_on_error=True)

    def action_undo(self) -> None:
        """Take back what was done last, for some seconds after it."""
        from tui.acting.carrying_out import take_back  # noqa: PLC0415 - as ``_action_commands``

        take_back(self)

    def action_command_palette(self) -> None:
        """Every action by its words."""
        from tui.acting.palette import Palette  # noqa: PLC0415 - as ``_action_commands``

        self.push_screen(Palette())

    async def on_unmount(self) -> None:
        """Let go of the box."""
        await self.feed.close()
        await self.box.close()
