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

    async def change(self, project_id: str, *, weight: int | None, shares_prefixes: bool | None) -> Project:
        """Set what is not None. Raises ``NotFound``."""
        ...

    async def all(self) -> Sequence[Project]:
        """Every project, oldest first."""
        ...


class ProjectService:
    """Answers ``project new``, ``project set`` and ``project list``; knows what each project is granted."""

    def __init__(self, projects: Projects, clock: Clock) -> None:
        self._projects = projects
        self._clock = clock
        self._known: dict[str, Project] = {}

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"project.new": self.new, "project.set": self.change, "project.list": self.show_all}

    async def load(self) -> None:
        """Learn the projects that are on disk."""
        self._known = {one.id: one for one in await self._projects.all()}

    def project(self, project_id: str) -> Project:
        """Without a query; with nothing granted where the project is not known."""
        return self._known.get(project_id) or Project(id=project_id, name=project_id, created_ms=0)

    async def new(self, *, project: str, title: str | None = None) -> ProjectList:
        """Create a project and open its account. Raises ``BadRequest``, ``Conflict``."""
        if PROJECT_ID.match(project) is None:
            raise BadRequest(
                "A project id has 1 to 64 characters of a-z, 0-9, dot, dash and underscore.", param="project"
            )
        name = project if title is None else require_label(title, "title")
        created = Project(id=project, name=name, created_ms=self._clock.now_ms())
        await self._projects.add(created)
        self._known[project] = created
        return ProjectList(projects=(_summary(created),))

    async def change(
        self, *, project: str, weight: int | None = None, share_prefixes: str | None = None
    ) -> ProjectList:
        """Give a project another share of busy models, or let its members reuse each other's prefixes.

        Holds for requests that arrive from now on. Raises ``NotFound``.
        """
        shares = None if share_prefixes is None else share_prefixes == "yes"
        changed = await self._projects.change(project, weight=weight, shares_prefixes=shares)
        self._known[project] = changed
        return ProjectList(projects=(_summary(changed),))

    async def show_all(self) -> ProjectList:
        """Every project."""
        return ProjectList(projects=tuple(_summary(one) for one in await self._projects.all()))


def _summary(project: Project) -> ProjectSummary:
    return ProjectSummary(
        id=project.id,
        name=project.name,
        created_ms=project.created_ms,
        weight=project.weight,
        shares_prefixes=project.shares_prefixes,
    )
