"""Who belongs to a project: operators and the project's leads say so."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.people import Membership, Part
from appliance.domain.results import MemberList, Result
from appliance.errors import NotAllowed, NotFound
from appliance.policy.person_ids import require_somebody
from appliance.services.people.directory import Directory
from appliance.services.people.presenting import member_list


class Members(Protocol):
    """Where memberships are remembered."""

    async def put(self, membership: Membership) -> None:
        """Remember it, or the other part that somebody has now."""
        ...

    async def remove(self, project_id: str, person_id: str) -> None:
        """End it; one that is not there is fine."""
        ...


class MemberService:
    """Answers ``member add|remove|list``."""

    def __init__(self, members: Members, directory: Directory, clock: Clock) -> None:
        self._members = members
        self._directory = directory
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"member.add": self.add, "member.remove": self.remove, "member.list": self.show_all}

    async def add(self, *, person: str, project: str, actor: Actor, lead: bool = False) -> MemberList:
        """Let somebody belong to a project, or change their part. Raises ``NotFound``, ``NotAllowed``."""
        self._directory.require_project(project)
        require_somebody(person)
        self._require_free(person, project, actor)
        part: Part = "lead" if lead else "member"
        if part == "member":
            self._keep_a_lead(actor, project, person)
        since = [one.since_ms for one in self._directory.members(project) if one.person_id == person]
        membership = Membership(project, person, part, since[0] if since else self._clock.now_ms())
        await self._members.put(membership)
        self._directory.put_member(membership)
        return member_list(project, self._directory)

    async def remove(self, *, person: str, project: str, actor: Actor) -> MemberList:
        """Let somebody belong to it no more: nothing is computed for them in it any more.

        Raises ``NotFound``, ``NotAllowed``.
        """
        self._directory.require_project(project)
        if self._directory.part(project, person) is None:
            raise NotFound(
                f"No member of this project has this id. `carrel member list --project {project}` shows all.",
                param="person",
            )
        self._keep_a_lead(actor, project, person)
        # Nothing is computed for them before it is on the disk, nor where the disk refuses.
        self._directory.drop_member(project, person)
        await self._members.remove(project, person)
        return member_list(project, self._directory)

    async def show_all(self, *, project: str) -> MemberList:
        """Everybody in a project. Raises ``NotFound``."""
        self._directory.require_project(project)
        return member_list(project, self._directory)

    def _require_free(self, person: str, project: str, actor: Actor) -> None:
        """People of other projects are not there for a lead: else whoever guesses an id learns a name."""
        found = self._directory.person(person)
        known = found is not None and found.erased_ms is None
        if known and actor.permission is Permission.LEAD:
            there = [one.project_id for one in self._directory.projects_of(person)]
            known = not there or project in there
        if known:
            return
        if actor.permission is Permission.LEAD:
            raise NotFound(
                "Nobody of this id is without a project. Who runs the box lets others in: "
                f"`carrel member add ID --project {project}`.",
                param="person",
            )
        raise NotFound(
            "No person has this id. `carrel person new ID` adds somebody; `carrel person import FILE` a "
            "whole class.",
            param="person",
        )

    def _keep_a_lead(self, actor: Actor, project: str, person: str) -> None:
        if actor.permission is Permission.LEAD and list(self._directory.leads(project)) == [person]:
            raise NotAllowed(
                "A project keeps its last lead. Make somebody else lead it first, or ask who runs the box.",
                param="person",
            )
