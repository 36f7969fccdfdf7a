"""Persons, projects, keys, and who is calling."""

from dataclasses import dataclass
from typing import Final

DEFAULT_ID: Final = "default"
"""The person and the project that exist from the start."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, as its key proved. Every decision and every ledger row is about one of these."""

    key_id: str
    person_id: str
    project_id: str

    @property
    def holder(self) -> str:
        """Who is treated as one: the person, and while all keys share the first person, the key."""
        return self.key_id if self.person_id == DEFAULT_ID else self.person_id


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

    def caller(self) -> Caller:
        """The identity that a request with this key acts under."""
        return Caller(key_id=self.id, person_id=self.person_id, project_id=self.project_id)


@dataclass(frozen=True, slots=True)
class Project:
    """A research group or a class: the holder of an allocation."""

    id: str
    name: str
    created_ms: int
    weight: int = 1
    """Its share of a busy model, relative to the other projects'."""
    shares_prefixes: bool = False
    """True where its members' requests may reuse each other's KV cells: a common beginning is computed once,
    and who can send requests can tell by the time to the first token whether another sent the same beginning.
    """
