"""The keys of CLASS: which action each begins, and in which state of the class."""

from typing import Final

from tui.deeds import ActionKey

CLASSES: Final = "classes"
SEATS: Final = "seats"

ACTION_KEYS: Final = (
    ActionKey("o", "class.open", "open", form=True),
    ActionKey("p", "class.pause", "pause"),
    ActionKey("p", "class.resume", "resume"),
    ActionKey("r", "class.reissue", "new key", SEATS),
    ActionKey("t", "class.top-up", "top up", SEATS, form=True),
    ActionKey("l", "class.release", "release", SEATS),
    ActionKey("e", "class.message", "message", form=True),
    ActionKey("n", "class.new", "new", CLASSES),
    ActionKey("i", "class.roster", "roster"),
    ActionKey("h", "class.rehearse", "rehearse", form=True),
    ActionKey("x", "class.close", "close"),
    ActionKey("d", "class.show", "details"),
    ActionKey("w", "class.report", "report"),
    ActionKey("E", "class.set", "edit", form=True),
    ActionKey("v", "class.poll", "vote", form=True),
)

NEED: Final = {
    "class.open": ("planned",),
    "class.pause": ("open",),
    "class.resume": ("paused",),
    "class.close": ("planned", "open", "paused"),
    "class.message": ("planned", "open", "paused"),
    "class.roster": ("planned", "open", "paused"),
    "class.rehearse": ("planned", "open", "paused"),
    "class.set": ("planned", "open", "paused"),
    "class.poll": ("open",),
    "class.show": ("planned", "open", "paused", "over"),
    "class.report": ("planned", "open", "paused", "over"),
    "class.reissue": ("planned", "open", "paused"),
    "class.top-up": ("planned", "open", "paused"),
    "class.release": ("planned", "open", "paused"),
}
"""The states in which the chosen class must be for an action."""
