"""What somebody who runs the box should hear of without asking. It says that something is, never what was
said.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

AlertState = Literal["waiting", "delivered", "failed", "kept"]
"""``kept``: below the level that is sent, or there is nowhere to send it."""


class AlertLevel(StrEnum):
    """How much it hurries, each more than the one before it."""

    NOTE = "note"
    """Somebody waits."""
    WARN = "warn"
    """It will not stay well by itself."""
    URGENT = "urgent"
    """Something is broken, or somebody is kept from working."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to tell. ``kind`` is one or two words such as ``disk``, ``subject`` the id of what it is
    about; both together are one matter. ``next_step`` is a command.
    """

    kind: str
    subject: str
    level: AlertLevel
    says: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """Signs of one matter within an hour, told as one. Times in ms since 1970 UTC.

    ``times`` is how often it was seen, ``told`` how many of those were told. ``why`` says what kept it from
    being delivered.
    """

    id: str
    sign: Sign
    times: int
    first_ms: int
    last_ms: int
    told: int = 0
    state: AlertState = "waiting"
    why: str = ""
    ended_ms: int | None = None
