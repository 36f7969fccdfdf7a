"""Projects: the holders of keys and budgets."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.people import Project
from appliance.domain.results import ProjectList, ProjectSummary, Result
from appliance.errors import BadRequest
from appliance.services.labels import require_label

PROJECT_ID: Final = re.compile(r"[a-z0-9._-]{1,64}\Z")


class Projects(Protocol):
    """Where projects are remembered."""

    async def add(self, project: Project) -> None:
        """Raises ``Conflict`` where the id is taken."""
        ...

    async def all(self) -> Sequence[Project]:
        """Every project, oldest first."""
        ...


class ProjectService:
    """Answers ``project new`` and ``project list``."""

    def __init__(self, projects: Projects, clock: Clock) -> None:
        self._projects = projects
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"project.new": self.new, "project.list": self.show_all}

    async def new(self, *, project: str, title: str | None = None) -> ProjectList:
        """Create a project and open its account. Raises ``BadRequest``, ``Conflict``."""
        if PROJECT_ID.match(project) is None:
            raise BadRequest(
                "A project id has 1 to 64 characters of a-z, 0-9, dot, dash and underscore.", param="project"
            )
        name = project if title is None else require_label(title, "title")
        created = Project(id=project, name=name, created_ms=self._clock.now_ms())
        await self._projects.add(created)
        return ProjectList(projects=(_summary(created),))

    async def show_all(self) -> ProjectList:
        """Every project."""
        return ProjectList(projects=tuple(_summary(one) for one in await self._projects.all()))


def _summary(project: Project) -> ProjectSummary:
    return ProjectSummary(id=project.id, name=project.name, created_ms=project.created_ms)
