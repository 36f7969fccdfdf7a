"""Who there is, in memory: what every gate asks at every request, without a query.

Whoever changes a row tells the directory once the row is on the disk.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from appliance.domain.people import Membership, Part, Person, Project
from appliance.errors import NotFound


class StoredPersons(Protocol):
    """Where persons are remembered."""

    async def all(self) -> Sequence[Person]:
        """Every person, oldest first."""
        ...


class StoredProjects(Protocol):
    """Where projects are remembered."""

    async def all(self) -> Sequence[Project]:
        """Every project, oldest first."""
        ...


class StoredMembers(Protocol):
    """Where memberships are remembered."""

    async def all(self) -> Sequence[Membership]:
        """Every membership, oldest first."""
        ...


class Directory:
    """Persons, projects and memberships as they are now."""

    def __init__(self) -> None:
        self._persons: dict[str, Person] = {}
        self._projects: dict[str, Project] = {}
        self._members: dict[str, dict[str, Membership]] = {}
        self._belongs: dict[str, dict[str, Membership]] = {}

    async def load(self, persons: StoredPersons, projects: StoredProjects, members: StoredMembers) -> None:
        """Learn what is on the disk."""
        self._persons = {one.id: one for one in await persons.all()}
        self._projects = {one.id: one for one in await projects.all()}
        self._members, self._belongs = {}, {}
        for membership in await members.all():
            self.put_member(membership)

    def person(self, id: str) -> Person | None:
        """Of that id, suspended and erased ones too."""
        return self._persons.get(id)

    def project(self, id: str) -> Project | None:
        """Of that id, closed ones too."""
        return self._projects.get(id)

    def require_project(self, id: str) -> Project:
        """Of that id. Raises ``NotFound``."""
        found = self._projects.get(id)
        if found is None:
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")
        return found

    def part(self, project_id: str, person_id: str) -> Part | None:
        """What a person is in a project; None where they do not belong to it."""
        found = self._members.get(project_id, {}).get(person_id)
        return None if found is None else found.part

    def leads(self, project_id: str) -> Sequence[str]:
        """Ids of those who lead a project, in the order in which they joined."""
        return tuple(one.person_id for one in self.members(project_id) if one.part == "lead")

    def members(self, project_id: str) -> Sequence[Membership]:
        """Everybody who belongs to a project, leads too, in the order in which they joined."""
        return tuple(self._members.get(project_id, {}).values())

    def projects_of(self, person_id: str) -> Sequence[Membership]:
        """Where a person belongs."""
        return tuple(self._belongs.get(person_id, {}).values())

    def people(self) -> Sequence[Person]:
        """Everybody, oldest first."""
        return tuple(self._persons.values())

    def projects(self) -> Sequence[Project]:
        """All of them, oldest first."""
        return tuple(self._projects.values())

    def put_person(self, person: Person) -> None:
        """Somebody new, or changed."""
        self._persons[person.id] = person

    def put_project(self, project: Project) -> None:
        """A new one, or a changed one."""
        self._projects[project.id] = project

    def put_member(self, membership: Membership) -> None:
        """Somebody joined, or has another part now."""
        self._members.setdefault(membership.project_id, {})[membership.person_id] = membership
        self._belongs.setdefault(membership.person_id, {})[membership.project_id] = membership

    def drop_member(self, project_id: str, person_id: str) -> None:
        """Somebody left."""
        self._members.get(project_id, {}).pop(person_id, None)
        self._belongs.get(person_id, {}).pop(project_id, None)

    def by_login(self) -> Mapping[str, Person]:
        """Those who are users of this machine and were not suspended, by their user name."""
        return {one.login: one for one in self._persons.values() if one.login and one.ended_ms is None}
