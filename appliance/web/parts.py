"""What the pages are made from: ports, each kept by a service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from appliance.domain.action import Action
from appliance.domain.actor import Actor
from appliance.domain.classes import SeatTrouble
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.me import Me
from appliance.domain.model import ModelCard
from appliance.domain.people import Caller, Part, Person, Project
from appliance.domain.sessions import Session
from appliance.domain.usage import UsageSum
from appliance.edge.ways import PlainHttp
from appliance.services.classes.book import ClassBook
from appliance.services.classes.door import ClassDoor
from appliance.services.licenses.own import OwnLicense
from appliance.web.answers import Answers
from appliance.web.polls import Polls


class Begun(Protocol):
    """A session that has just begun; its cookie is told this once."""

    @property
    def cookie(self) -> str:
        """The secret."""
        ...

    @property
    def session(self) -> Session:
        """What is remembered of it."""
        ...

    @property
    def caller(self) -> Caller:
        """Whose it is."""
        ...


class Sessions(Protocol):
    """Who exchanges keys for cookies."""

    async def begin(self, raw_key: str, *, secure: bool, address: str) -> Begun:
        """Raises ``NotAuthenticated``, ``NotAllowed``, ``RateLimited``."""
        ...

    async def begin_for(self, key_id: str, *, secure: bool, address: str) -> Begun:
        """For a key that was made a moment ago."""
        ...

    async def end(self, cookie: str) -> None:
        """Safe twice."""
        ...

    async def caller(self, cookie: str, *, secure: bool, address: str) -> Caller:
        """Raises ``NotAuthenticated``."""
        ...


class Offer(Protocol):
    """A class that a code opens; ``names`` are those of free seats, by their numbers."""

    @property
    def class_id(self) -> str: ...  # noqa: D102 - as the field is called
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def mode(self) -> str: ...  # noqa: D102
    @property
    def names(self) -> Sequence[tuple[int, str]]: ...  # noqa: D102
    @property
    def guests(self) -> bool: ...  # noqa: D102
    @property
    def ends_ms(self) -> int: ...  # noqa: D102


class Claimed(Protocol):
    """A seat that somebody took, and its key, told this once."""

    @property
    def secret(self) -> str: ...  # noqa: D102 - as the field is called
    @property
    def key_id(self) -> str: ...  # noqa: D102
    @property
    def class_id(self) -> str: ...  # noqa: D102
    @property
    def person(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def expires_ms(self) -> int: ...  # noqa: D102


class Joining(Protocol):
    """Who lets students in by a code."""

    async def look(self, code: str, address: str, *, secure: bool) -> Offer:
        """Raises ``NotFound``, ``RateLimited``."""
        ...

    async def claim(self, code: str, number: int | None, address: str, *, secure: bool) -> Claimed:
        """Take a seat by its number, or as a guest. Raises ``NotFound``, ``Conflict``, ``RateLimited``."""
        ...


class Operations(Protocol):
    """Who carries actions out."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """All that the gateway has."""
        ...

    async def run(self, name: str, arguments: Mapping[str, object], operator: Actor) -> msgspec.Struct:
        """The action's result."""
        ...


class Belonging(Protocol):
    """Who there is, and who is what in which project."""

    def part(self, project_id: str, person_id: str) -> Part | None:
        """None where they do not belong to it."""
        ...

    def person(self, id: str) -> Person | None:
        """Of that id."""
        ...

    def project(self, id: str) -> Project | None:
        """Of that id."""
        ...


class Standing(Protocol):
    """Who knows who is in good standing."""

    def check(self, caller: Caller, *, belonging_only: bool = False) -> None:
        """Raises ``NotPermitted``; with ``belonging_only`` for outsiders alone."""
        ...


class Accounts(Protocol):
    """Who knows what is whose."""

    async def me(self, caller: Caller) -> Me:
        """The caller's own account."""
        ...


class DailyUsage(Protocol):
    """What somebody used, day by day."""

    async def own_days(self, caller: Caller, since_ms: int) -> Sequence[UsageSum]:
        """One sum a UTC day that has any, its group the day as ``2026-10-01``, oldest first."""
        ...


class Licenses(Protocol):
    """Who knows what was accepted."""

    async def show_all(self, caller: Caller) -> Sequence[OwnLicense]:
        """Those that this caller is asked for."""
        ...

    async def accept(self, caller: Caller, *, model: str, text_sha256: str, purpose: str) -> OwnLicense:
        """Raises ``ModelNotFound``, ``NotLicensed``, ``BadRequest``, ``RateLimited``."""
        ...

    async def withdraw(self, caller: Caller, *, model: str) -> None:
        """Raises ``NotFound``."""
        ...


class Troubles(Protocol):
    """What went wrong lately."""

    def of_key(self, key_id: str) -> Sequence[SeatTrouble]:
        """The newest first."""
        ...


class Outside(Protocol):
    """Whether the box asks anybody outside."""

    @property
    def offline(self) -> bool:
        """It does not."""
        ...

    def because(self) -> tuple[str, ...]:
        """Why not, a sentence for each reason."""
        ...


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model as somebody sees it who may use it, or may not: then ``why`` says so with the next step.
    ``card`` is what is known of it where it is served.
    """

    id: str
    title: str
    usable: bool
    why: str = ""
    chats: bool = True
    card: ModelCard | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """What the box calls itself on its pages, and the folder of its handbook."""

    box: str
    version: str
    handbook: Path


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything that a page can ask. ``memory`` gives what a model held of memory when it was loaded last,
    in bytes, None where nobody knows. ``authority`` gives the box's own certificate authority as PEM, empty
    where it has none. ``addresses`` are those of the box that a class could be on, the likeliest first.
    """

    naming: Naming
    sessions: Sessions
    plain: PlainHttp
    joining: Joining
    operations: Operations
    belonging: Belonging
    standing: Standing
    accounts: Accounts
    days: DailyUsage
    licenses: Licenses
    classes: ClassBook
    troubles: Troubles
    models: Callable[[Caller], Sequence[OfferedModel]]
    answers: Answers
    polls: Polls
    memory: Callable[[str], Awaitable[int | None]]
    outside: Outside
    door: ClassDoor
    clock: Clock
    log: Log
    authority: Callable[[], bytes] = field(default=lambda: b"")
    addresses: Callable[[], Sequence[str]] = field(default=tuple)
