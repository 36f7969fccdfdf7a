"""What oversight needs of the rest of the box."""

from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.domain.oversight import DeclaredPattern, Incident, WireSetting
from appliance.domain.people import Project

IncidentListener = Callable[[Incident, str], None]
"""Told of an incident, and in one word of what happened to it: ``opened``, ``raised``, ``appealed``,
``decided`` or ``expired``."""


class Directory(Protocol):
    """Who there is, without a query."""

    def project(self, id: str) -> Project | None:
        """None where there is none of that id."""
        ...

    def leads(self, project_id: str) -> Sequence[str]:
        """Ids of who leads it."""
        ...


class Incidents(Protocol):
    """Where incidents are remembered."""

    async def save(self, incidents: Sequence[Incident]) -> None:
        """New ones, and ones to which something was added."""
        ...

    async def standing(self) -> Sequence[Incident]:
        """Those that did not expire."""
        ...

    async def get(self, id: str) -> Incident:
        """Raises ``NotFound``."""
        ...

    async def page(self, *, project: str | None, state: str | None, limit: int) -> Sequence[Incident]:
        """The newest first."""
        ...


class Wires(Protocol):
    """Where settings of wires and declarations of projects are remembered."""

    async def set(self, setting: WireSetting) -> None:
        """In place of what was set before."""
        ...

    async def settings(self) -> Sequence[WireSetting]:
        """Of every wire that was set."""
        ...

    async def declare(self, one: DeclaredPattern) -> None:
        """In place of the same of that project."""
        ...

    async def forget(self, project: str, pattern: str, now_ms: int) -> None:
        """One that is not there is fine."""
        ...

    async def declared(self) -> Sequence[DeclaredPattern]:
        """Those that were not taken back."""
        ...
