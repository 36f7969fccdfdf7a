"""A registry's leases as a box deals with them. Times in ms since 1970 UTC."""

from dataclasses import dataclass
from typing import Literal

HowLeft = Literal["deleted", "quarantined"]


@dataclass(frozen=True, slots=True)
class LeaseRequestRow:
    """What was asked of the registry about one model (id of a recipe).

    ``wished_ms`` is when an operator asked for a lease (0: nobody did), ``until_ms`` until when they need it
    and ``project_id`` for which project. ``message`` is the last request's id; ``denied`` why not, where the
    registry said no to it.
    """

    model: str
    wished_ms: int = 0
    until_ms: int = 0
    project_id: str = ""
    message: str = ""
    asked_ms: int = 0
    denied: str = ""
    denied_ms: int = 0


@dataclass(frozen=True, slots=True)
class LeaseRevocation:
    """A lease was taken back, and what became of the files. ``message`` tells the registry of it."""

    lease: str
    model: str
    how: HowLeft
    message: str
    done_ms: int
