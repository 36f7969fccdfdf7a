"""The command palette: every action of the table, found by its words or by what it is for, and the models and
classes that are there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, runtime_checkable

from rich.text import Text
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from appliance.domain.action import Action
from appliance.domain.actions import ACTIONS
from appliance.domain.plain_text import one_line
from appliance.domain.results import ClassList, Status
from tui.acting.carrying_out import show_ended
from tui.acting.ladder import looks_only
from tui.deeds import Deed
from tui.viewer import CLASSES, STATUS, Viewer

NOT_OFFERED: Final = frozenset({"tui"})
"""Whoever looks at the palette has done it."""
_OF_A_MODEL: Final = ("model.show", "model.run", "model.stop")
_OF_A_CLASS: Final = ("class.show", "class.join-screen", "class.pause", "class.resume")
_FOR_HELP: Final = 0.4
"""How much less it counts where only the explanation fits."""


@runtime_checkable
class Chooses(Protocol):
    """A screen on which something is chosen."""

    def chosen(self) -> Mapping[str, object]:
        """As arguments of actions."""
        ...


class Palette(CommandPalette):
    """Without the sign before its line, which not every terminal has."""

    DEFAULT_CSS = "Palette SearchIcon { display: none; } Palette #--input { padding-left: 1; }"

    def __init__(self) -> None:
        super().__init__(placeholder="a command, or words of what it does; esc closes")


@dataclass(frozen=True, slots=True)
class _Entry:
    """``title`` may be somebody else's text."""

    title: str
    help: str
    run: Callable[[], None]


class ActionCommands(Provider):
    """Offers actions; what is chosen on the screen is filled in."""

    async def discover(self) -> Hits:
        """All of them."""
        for one in self._entries():
            yield DiscoveryHit(Text(one.title), one.run, one.title, _plain(one.help))

    async def search(self, query: str) -> Hits:
        """Those that fit what was typed."""
        matcher = self.matcher(query)
        for one in self._entries():
            score = max(matcher.match(one.title), _FOR_HELP * matcher.match(one.help))
            if score > 0:
                yield Hit(score, Text(one.title), one.run, one.title, _plain(one.help))

    def _entries(self) -> Iterator[_Entry]:
        viewer = self.app
        if not isinstance(viewer, Viewer):
            return
        for ended in viewer.doings.ended:
            title = f"result: {ended.command}"
            yield _Entry(one_line(title), "What came of it.", partial(show_ended, viewer, ended))
        chosen = self.screen.chosen() if isinstance(self.screen, Chooses) else {}
        for action in offered(readonly=viewer.box.readonly):
            deed = deed_of(action, chosen)
            yield _Entry(action.name.replace(".", " "), action.summary, partial(viewer.act, deed))
        yield from self._things(viewer)

    def _things(self, viewer: Viewer) -> Iterator[_Entry]:
        status, classes = viewer.latest(STATUS), viewer.latest(CLASSES)
        names: list[tuple[str, str, tuple[str, ...]]] = [
            ("model", one.id, _OF_A_MODEL) for one in (status.models if isinstance(status, Status) else ())
        ]
        if isinstance(classes, ClassList):
            names += [("name", one.id, _OF_A_CLASS) for one in classes.classes]
        rows = {one.name: one for one in offered(readonly=viewer.box.readonly)}
        for argument, thing, actions in names:
            for action in (rows[one] for one in actions if one in rows):
                deed = Deed(action.name, {argument: thing}, subject=thing)
                title = one_line(f"{thing}: {action.name.replace('.', ' ')}")
                yield _Entry(title, action.summary, partial(viewer.act, deed))


def offered(*, readonly: bool) -> tuple[Action, ...]:
    """What the palette holds: all of the table, or what may be done while nothing may be changed."""
    return tuple(one for one in ACTIONS if one.name not in NOT_OFFERED and (looks_only(one) or not readonly))


def deed_of(action: Action, chosen: Mapping[str, object]) -> Deed:
    """With a form wherever there is something to fill in."""
    names = {one.name for one in action.arguments}
    known = {name: value for name, value in chosen.items() if name in names}
    return Deed(action.name, known, form=bool(action.arguments))


def _plain(text: str) -> str:
    """The palette takes explanations for markup."""
    return text.replace("[", "\\[")
