"""What screens and dialogs may ask of the application that they are in."""

from collections.abc import Sequence
from typing import Final

import msgspec
from textual.app import App

from appliance.domain.watching import Topic
from tui.box import Box
from tui.commands import LocalCommands
from tui.deeds import Deed, Doings

STATUS: Final = Topic("status", (), 1000)
CLASSES: Final = Topic("class.list", (), 5000)
"""Followed by the head of every screen, and so known to all."""


class Viewer(App[None]):
    """The application, as its parts see it."""

    box: Box
    commands: LocalCommands
    doings: Doings
    ascii_only: bool
    """The terminal has no letters for signs and bars."""

    def follow(self, topics: Sequence[Topic], *, again: bool = False) -> None:
        """Follow these beside what the head needs; new ones are told at once, all of them with ``again``."""
        raise NotImplementedError

    def latest(self, topic: Topic) -> msgspec.Struct | None:
        """The newest answer of a topic that is or was followed."""
        raise NotImplementedError

    def act(self, deed: Deed) -> None:
        """Ask for what is missing, and back where something can be lost; have it done, show the outcome."""
        raise NotImplementedError

    def copy(self, text: str, what: str = "") -> None:
        """Into the terminal's clipboard, and say what was copied."""
        raise NotImplementedError

    def go(self, mode: str) -> None:
        """To one of the eight screens, by its name."""
        raise NotImplementedError
