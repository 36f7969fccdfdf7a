"""Persons: added, changed, shown, suspended."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.people import Membership, Person, Role
from appliance.domain.results import PersonList, PersonShown, Result
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.policy.person_ids import require_person_id, require_somebody
from appliance.services.labels import require_label
from appliance.services.people.directory import Directory
from appliance.services.people.presenting import member_summaries, person_summary

NONE: Final = "none"
_EMAIL: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}\Z")


class Persons(Protocol):
    """Where persons are remembered."""

    async def add(self, person: Person) -> None:
        """Raises ``Conflict`` where the id, or the user of this machine, is taken."""
        ...

    async def change(self, person: Person) -> None:
        """Replace what is known. Raises ``Conflict`` where the user of this machine is another person."""
        ...


class Members(Protocol):
    """Where memberships are remembered."""

    async def put(self, membership: Membership) -> None:
        """Remember it, or the other part that somebody has now."""
        ...


class Logins(Protocol):
    """Who of this machine's users is which person."""

    async def require(self, login: str) -> None:
        """Raises ``BadRequest`` where the machine has no such user."""
        ...

    async def refresh(self) -> None:
        """Look at the directory again."""
        ...


class OwnKeys(Protocol):
    """Which keys there are."""

    def in_use(self, person: str, project: str | None = None) -> int:
        """How many keys of a person would be recognized now."""
        ...


class PersonService:
    """Answers ``person new|set|list|show|end|resume``."""

    def __init__(
        self,
        *,
        persons: Persons,
        members: Members,
        directory: Directory,
        logins: Logins,
        keys: OwnKeys,
        clock: Clock,
    ) -> None:
        self._persons = persons
        self._members = members
        self._directory = directory
        self._logins = logins
        self._keys = keys
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "person.new": self.new,
            "person.set": self.change,
            "person.list": self.show_all,
            "person.show": self.show,
            "person.end": self.end,
            "person.resume": self.resume,
        }

    async def new(
        self,
        *,
        person: str,
        name: str | None = None,
        email: str | None = None,
        login: str | None = None,
        role: str | None = None,
        project: str | None = None,
        lead: bool = False,
    ) -> PersonList:
        """Add somebody. Raises ``BadRequest``, ``Conflict``, ``NotFound`` for an unknown project."""
        if project is not None:
            self._directory.require_project(project)
        if login is not None:
            await self._logins.require(login)
        now_ms = self._clock.now_ms()
        added = Person(
            id=require_person_id(person),
            name=require_label(name or person, "name"),
            created_ms=now_ms,
            email=require_email(email or ""),
            login=login or "",
            role=Role(role or Role.MEMBER),
        )
        await self._persons.add(added)
        self._directory.put_person(added)
        if project is not None:
            membership = Membership(project, person, "lead" if lead else "member", now_ms)
            await self._members.put(membership)
            self._directory.put_member(membership)
        await self._logins.refresh()
        return self._listed(added)

    async def change(
        self,
        *,
        person: str,
        name: str | None = None,
        email: str | None = None,
        login: str | None = None,
        role: str | None = None,
    ) -> PersonList:
        """Set what is given. Raises ``NotFound``, ``BadRequest``, ``Conflict``."""
        known = self._require(person)
        if login is not None and login != NONE:
            await self._logins.require(login)
        changed = replace(
            known,
            name=known.name if name is None else require_label(name, "name"),
            email=known.email if email is None else require_email(_or_nothing(email)),
            login=known.login if login is None else _or_nothing(login),
            role=known.role if role is None else Role(role),
        )
        return await self._put(changed)

    async def show_all(self, *, project: str | None = None) -> PersonList:
        """Everybody, or everybody of a project. Raises ``NotFound``."""
        there = self._directory
        if project is None:
            return self._listed(*there.people())
        there.require_project(project)
        found = (there.person(one.person_id) for one in there.members(project))
        return self._listed(*(one for one in found if one is not None))

    async def show(self, *, person: str) -> PersonShown:
        """One person. Raises ``NotFound``."""
        known = self._require(person, somebody=False)
        memberships = self._directory.projects_of(person)
        return PersonShown(
            person=person_summary(known, self._directory),
            memberships=member_summaries(memberships, self._directory),
            keys_in_use=self._keys.in_use(person),
        )

    async def end(self, *, person: str) -> PersonList:
        """Suspend somebody; the first time counts. Raises ``NotFound``."""
        known = self._require(person)
        return await self._put(replace(known, ended_ms=known.ended_ms or self._clock.now_ms()))

    async def resume(self, *, person: str) -> PersonList:
        """End a suspension. Raises ``NotFound``, ``Conflict`` for somebody who was erased."""
        known = self._require(person)
        if known.erased_ms is not None:
            raise Conflict("This person was erased, for good. `carrel person new ID` adds somebody new.")
        return await self._put(replace(known, ended_ms=None))

    async def _put(self, person: Person) -> PersonList:
        await self._persons.change(person)
        self._directory.put_person(person)
        await self._logins.refresh()
        return self._listed(person)

    def _require(self, person_id: str, *, somebody: bool = True) -> Person:
        if somebody:
            require_somebody(person_id)
        found = self._directory.person(person_id)
        if found is None:
            raise NotFound("No person has this id. `carrel person list` shows them all.", param="person")
        return found

    def _listed(self, *people: Person) -> PersonList:
        return PersonList(people=tuple(person_summary(one, self._directory) for one in people))


def require_email(text: str) -> str:
    """An address, or nothing. Raises ``BadRequest``."""
    if text and _EMAIL.match(text) is None:
        raise BadRequest("email must be one address such as ada@example.org.", param="email")
    return text


def _or_nothing(text: str) -> str:
    return "" if text == NONE else text
