"""Projects: the holders of keys and budgets, what they are for, and until when."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.days import end_ms, first_ms
from appliance.domain.people import Membership, Project, ProjectKind
from appliance.domain.results import ProjectList, ProjectShown, Result
from appliance.errors import BadRequest, NotFound
from appliance.policy.duties.domains import check_tags
from appliance.policy.person_ids import require_somebody
from appliance.services.labels import require_label
from appliance.services.people.directory import Directory
from appliance.services.people.presenting import member_summaries, project_summary

PROJECT_ID: Final = re.compile(r"[a-z0-9._-]{1,64}\Z")
NONE: Final = "none"


class Projects(Protocol):
    """Where projects are remembered."""

    async def add(self, project: Project) -> None:
        """Raises ``Conflict`` where the id is taken."""
        ...

    async def change(self, project: Project) -> None:
        """Replace what is known of the project of this id."""
        ...


class Members(Protocol):
    """Where memberships are remembered."""

    async def put(self, membership: Membership) -> None:
        """Remember it, or the other part that somebody has now."""
        ...


class ProjectService:
    """Answers ``project new|set|list|show|close|reopen``; knows what each project is granted."""

    def __init__(self, projects: Projects, members: Members, directory: Directory, clock: Clock) -> None:
        self._projects = projects
        self._members = members
        self._directory = directory
        self._clock = clock
        self._warn: Callable[[Project], tuple[str, ...]] = lambda _project: ()

    def warn_with(self, warn: Callable[[Project], tuple[str, ...]]) -> None:
        """Sentences about a project that whoever makes, changes or looks at it should know."""
        self._warn = warn

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "project.new": self.new,
            "project.set": self.change,
            "project.list": self.show_all,
            "project.show": self.show,
            "project.close": self.close,
            "project.reopen": self.reopen,
        }

    def project(self, project_id: str) -> Project:
        """Without a query; with nothing granted where the project is not known."""
        return self._directory.project(project_id) or Project(id=project_id, name=project_id, created_ms=0)

    async def new(
        self,
        *,
        project: str,
        title: str | None = None,
        kind: ProjectKind | None = None,
        purpose: str | None = None,
        tags: str | None = None,
        starts: str | None = None,
        ends: str | None = None,
        lead: str | None = None,
    ) -> ProjectList:
        """Create a project and open its account. Raises ``BadRequest``, ``Conflict``, ``NotFound``."""
        if PROJECT_ID.match(project) is None or project in {".", ".."}:
            raise BadRequest(
                "A project id has 1 to 64 characters of a-z, 0-9, dot, dash and underscore.", param="project"
            )
        if lead is not None:
            self._require_person(lead)
        now_ms = self._clock.now_ms()
        plain = Project(id=project, name=project, created_ms=now_ms)
        created = _described(
            plain, title=title, kind=kind, purpose=purpose, tags=tags, starts=starts, ends=ends
        )
        await self._projects.add(created)
        self._directory.put_project(created)
        if lead is not None:
            membership = Membership(project, lead, "lead", now_ms)
            await self._members.put(membership)
            self._directory.put_member(membership)
        return self._warned(created)

    async def change(
        self,
        *,
        project: str,
        title: str | None = None,
        kind: ProjectKind | None = None,
        purpose: str | None = None,
        tags: str | None = None,
        starts: str | None = None,
        ends: str | None = None,
        weight: int | None = None,
        share_prefixes: str | None = None,
    ) -> ProjectList:
        """Set what is given: what it is, its dates, its share of busy models, whether members reuse each
        other's prefixes. Holds for requests that arrive from now on; what runs past its last day ends.

        Raises ``NotFound``, ``BadRequest``.
        """
        known = self._directory.require_project(project)
        described = _described(
            known, title=title, kind=kind, purpose=purpose, tags=tags, starts=starts, ends=ends
        )
        return await self._put(
            replace(
                described,
                weight=known.weight if weight is None else weight,
                shares_prefixes=known.shares_prefixes if share_prefixes is None else share_prefixes == "yes",
            )
        )

    async def show_all(self) -> ProjectList:
        """Every project."""
        return self._listed(*self._directory.projects())

    async def show(self, *, project: str) -> ProjectShown:
        """One project. Raises ``NotFound``."""
        there = self._directory
        return ProjectShown(
            project=project_summary(there.require_project(project), there, self._clock.now_ms()),
            members=member_summaries(there.members(project), there),
            warnings=self._warn(there.require_project(project)),
        )

    async def close(self, *, project: str) -> ProjectList:
        """Compute nothing for it any more; the first time counts. Raises ``NotFound``."""
        known = self._directory.require_project(project)
        return await self._put(replace(known, closed_ms=known.closed_ms or self._clock.now_ms()))

    async def reopen(self, *, project: str) -> ProjectList:
        """As it was before it was closed; its dates hold. Raises ``NotFound``."""
        return await self._put(replace(self._directory.require_project(project), closed_ms=None))

    async def _put(self, project: Project) -> ProjectList:
        await self._projects.change(project)
        self._directory.put_project(project)
        return self._warned(project)

    def _warned(self, project: Project) -> ProjectList:
        return msgspec.structs.replace(self._listed(project), warnings=self._warn(project))

    def _require_person(self, person_id: str) -> None:
        require_somebody(person_id)
        if self._directory.person(person_id) is None:
            raise NotFound("No person has this id. `carrel person list` shows them all.", param="lead")

    def _listed(self, *projects: Project) -> ProjectList:
        now_ms = self._clock.now_ms()
        return ProjectList(projects=tuple(project_summary(one, self._directory, now_ms) for one in projects))


def _described(
    project: Project,
    *,
    title: str | None,
    kind: ProjectKind | None,
    purpose: str | None,
    tags: str | None,
    starts: str | None,
    ends: str | None,
) -> Project:
    """With what is given. Raises ``BadRequest``."""
    described = replace(
        project,
        name=project.name if title is None else require_label(title, "title"),
        kind=kind or project.kind,
        purpose=project.purpose if purpose is None else require_label(purpose, "purpose"),
        tags=project.tags if tags is None else check_tags(_or_nothing(tags).split(",")),
        starts_ms=project.starts_ms if starts is None else _day(starts, first_ms, "starts"),
        ends_ms=project.ends_ms if ends is None else _day(ends, end_ms, "ends"),
    )
    begins, over = described.starts_ms, described.ends_ms
    if begins is not None and over is not None and over <= begins:
        raise BadRequest("A project cannot end before it begins.", param="ends")
    return described


def _day(text: str, moment: Callable[[str, str], int], param: str) -> int | None:
    return None if text == NONE else moment(text, param)


def _or_nothing(text: str) -> str:
    return "" if text == NONE else text
