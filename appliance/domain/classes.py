"""Classes: lessons of a course, their seats, and what a teacher sees of them."""

from dataclasses import dataclass
from typing import Final, Literal

ClassMode = Literal["open", "exam", "offline"]
"""``exam``: listed models only, one session a seat, a frozen revision and seed. ``offline``: while it is
open, the box asks nobody outside.
"""
ClassState = Literal["planned", "open", "paused", "over"]
SeatState = Literal["free", "idle", "ok", "waits", "error", "limit"]
"""``free``: nobody took it. ``limit``: its budget is spent or what it may have a minute is used up."""
How = Literal["", "card", "list", "guest"]
"""How a seat was taken: with its printed key, by its name and the code, as a guest by the code."""

CLASS_MODEL: Final = "class-model"
"""The name under which a member of an open class asks its first model, whichever that is now."""
POLL_A: Final = "poll-a"
"""The name under which a member asks the first model of a blind vote while it is open."""
POLL_B: Final = "poll-b"
"""As ``POLL_A``, the second."""
SHORT_LIVED_DAYS: Final = 7
"""A class that is to answer over plain HTTP ends within so many days: its keys can be read on the way."""


@dataclass(frozen=True, slots=True)
class FrozenModel:
    """What an exam's model was when it was opened: recipe revision, and a hash over the files of the form."""

    model: str
    revision: str
    files: str


@dataclass(frozen=True, slots=True)
class SeatCaps:
    """What one seat may have; 0 is no limit of its own. ``tokens`` of prompts and answers in all, the rest as
    ``KeyLimits``.
    """

    tokens: int = 50_000
    running: int = 2
    requests_per_minute: int = 30
    tokens_per_minute: int = 0


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class within a project of kind ``course``. Times in ms since 1970 UTC.

    ``models`` are ids with their forms; the first one is asked as ``class-model``. ``guests`` is how many
    may join with the code who are not in the list. ``address`` is that of the box on the class's network,
    empty for wherever the box listens anyway; ``plain`` opens it there over plain HTTP, for keys of this
    class alone. ``seed`` None: each request its own. ``over_ms`` is when it was ended for good.
    """

    id: str
    project_id: str
    title: str
    mode: ClassMode
    models: tuple[str, ...]
    caps: SeatCaps
    ends_ms: int
    created_ms: int
    created_by: str
    starts_ms: int | None = None
    grace_min: int = 10
    guests: int = 0
    networks: tuple[str, ...] = ()
    seed: int | None = None
    plain: bool = False
    address: str = ""
    opened_ms: int | None = None
    paused_ms: int | None = None
    over_ms: int | None = None
    message: str = ""
    frozen: tuple[FrozenModel, ...] = ()

    @property
    def keys_end_ms(self) -> int:
        """When keys of its seats expire."""
        return self.ends_ms + self.grace_min * 60_000

    def state(self, now_ms: int) -> ClassState:
        """As of a moment."""
        if self.over_ms is not None or now_ms >= self.ends_ms:
            return "over"
        if self.opened_ms is None or (self.starts_ms is not None and now_ms < self.starts_ms):
            return "planned"
        return "open" if self.paused_ms is None else "paused"


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place in a class. ``given`` is the id that the teacher's list has for them, ``number`` its
    place in the list, from 1. ``key_id`` is its key now; ``taken_ms`` when somebody first used it to join.
    """

    class_id: str
    person_id: str
    number: int
    given: str
    key_id: str | None = None
    taken_ms: int | None = None
    how: How = ""


@dataclass(frozen=True, slots=True)
class SeatTrouble:
    """The last error that a seat met, in words for a student. ``code`` as the API tells it."""

    code: str
    message: str
    request_id: str
    at_ms: int
    model: str = ""


@dataclass(frozen=True, slots=True)
class SeatLeft:
    """What a seat may still spend, and what of all that it had it was given besides; in micro-credits."""

    left_micro: int
    given_micro: int = 0


@dataclass(frozen=True, slots=True)
class SeatUse:
    """What a seat used with every key that it had, in settled requests. ``refused`` were let through by no
    gate or limit.
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    micro: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    refused: int = 0
