"""What somebody at the keyboard wants done."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from appliance.domain.action import Action
from appliance.domain.actions import action as action_of

UNDO_S: Final = 10.0
"""How long `u` takes back what was done last."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An action of the table with what is known of its arguments. With ``form`` they are asked for although
    nothing is missing. ``quiet`` shows no result where all went well, only a line. ``subject`` is what a
    person calls the thing: they type it where data would be destroyed.
    """

    action: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    form: bool = False
    quiet: bool = False
    subject: str = ""

    @property
    def row(self) -> Action:
        """Its row of the table."""
        return action_of(self.action)


@dataclass(frozen=True, slots=True)
class ActionKey:
    """A key of a screen that begins an action with what is chosen there. ``within`` is the id of the table
    that must have the focus, empty for the whole screen. ``given`` are arguments that the key itself gives.
    ``shown`` keys are in the footer.
    """

    key: str
    action: str
    label: str
    within: str = ""
    given: tuple[tuple[str, object], ...] = ()
    form: bool = False
    quiet: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """An action that went on in the background, and what came of it: it waits to be looked at."""

    deed: Deed
    arguments: Mapping[str, object]
    command: str
    result: msgspec.Struct


class Doings:
    """What this viewer did lately: what can be taken back, and what has ended unseen."""

    def __init__(self) -> None:
        self.ended: deque[Ended] = deque(maxlen=20)
        self._undo: Deed | None = None
        self._until_s = 0.0

    def can_undo(self, deed: Deed, now_s: float) -> None:
        """For some seconds this takes back what was done last."""
        self._undo = deed
        self._until_s = now_s + UNDO_S

    def cannot_undo(self) -> None:
        """What was done last has no way back."""
        self._undo = None

    def undo(self, now_s: float) -> Deed | None:
        """What takes back what was done last; once, and None when it is too late."""
        deed, self._undo = self._undo, None
        return deed if now_s <= self._until_s else None
