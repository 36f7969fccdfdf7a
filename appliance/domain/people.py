"""Persons, projects, who belongs to which, keys, and who is calling."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

DEFAULT_ID: Final = "default"
"""The person and the project that exist from the start."""

ProjectKind = Literal["research", "course", "evaluation"]
"""What a project is for, in one word: decides who signs for whom, and who looks first at what is odd."""
Part = Literal["lead", "member"]
"""In a project: a lead is its principal investigator or teacher."""


class Role(StrEnum):
    """What a person is for the whole box. What they are in a project is their ``Part`` there."""

    MEMBER = "member"
    REVIEWER = "reviewer"
    """Decides on applications, incidents and samples."""
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose files, batches and reports something is one of: those of a holder in one project. What the same
    holder has in another project is apart: a key that a lead makes for somebody opens nothing else of theirs.
    """

    holder: str
    project_id: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, as its key proved. Every decision and every ledger row is about one of these.

    ``address`` is where the request came from; empty where nobody is at the other end, as for the lines of
    a batch. It is in no row of the ledger.
    """

    key_id: str
    person_id: str
    project_id: str
    address: str = field(default="", compare=False)

    @property
    def holder(self) -> str:
        """Who is treated as one: the person, or the key where it is of nobody in particular."""
        return self.key_id if self.person_id == DEFAULT_ID else self.person_id

    @property
    def owner(self) -> Owner:
        """Whose all is that this request makes, and whose it may see."""
        return Owner(self.holder, self.project_id)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses or runs the box. Times in ms since 1970 UTC.

    ``id`` is what the ledger knows them by. ``name``, ``email`` and ``login`` (their user on this machine)
    are empty where they are not known, and once they were erased.
    """

    id: str
    name: str
    created_ms: int
    email: str = ""
    role: Role = Role.MEMBER
    login: str = ""
    ended_ms: int | None = None
    """From then on nothing is computed for them."""
    erased_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A person belongs to a project."""

    project_id: str
    person_id: str
    part: Part
    since_ms: int


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What one key may have at most, below what its person and project may; 0 is no limit of its own."""

    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    requests_per_day: int = 0
    running: int = 0


NO_KEY_LIMITS: Final = KeyLimits()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret: what the box remembers after showing it once. Times in ms since 1970 UTC."""

    id: str
    name: str
    last4: str
    person_id: str
    project_id: str
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None
    limits: KeyLimits = NO_KEY_LIMITS
    canary: bool = False
    """Nobody was given it: whoever uses it has taken it from where it was laid out."""

    def caller(self) -> Caller:
        """The identity that a request with this key acts under."""
        return Caller(key_id=self.id, person_id=self.person_id, project_id=self.project_id)


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that a class list changes, at once. Keys are with the SHA-256 of their secrets."""

    new: Sequence[Person]
    changed: Sequence[Person]
    members: Sequence[Membership]
    keys: Sequence[tuple[ApiKey, bytes]]


@dataclass(frozen=True, slots=True)
class Project:
    """A research group or a class: the holder of an allocation. Times in ms since 1970 UTC."""

    id: str
    name: str
    created_ms: int
    weight: int = 1
    """Its share of a busy model, relative to the other projects'."""
    shares_prefixes: bool = False
    """True where its members' requests may reuse each other's KV cells: a common beginning is computed once,
    and who can send requests can tell by the time to the first token whether another sent the same beginning.
    """
    kind: ProjectKind = "research"
    purpose: str = ""
    """What it does with models, in its own words: what its use is compared with."""
    tags: tuple[str, ...] = ()
    """Domains of particular care, such as ``health`` or ``biometrics``."""
    starts_ms: int | None = None
    ends_ms: int | None = None
    """From then on nothing is computed for it. None: without end."""
    closed_ms: int | None = None
    """Closed by somebody, whatever its dates say, until it is opened again."""
