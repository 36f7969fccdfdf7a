"""Persons, projects, members and keys over tables in memory."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import Membership, Person
from appliance.services.keys import KeyService
from appliance.services.people.directory import Directory
from appliance.services.people.logins import Logins
from appliance.services.people.members import MemberService
from appliance.services.people.persons import PersonService
from appliance.services.people.standing import Standing
from appliance.services.projects import ProjectService
from tests.services.conftest import (
    NOON_MS,
    KeysInMemory,
    MembersInMemory,
    PersonsInMemory,
    ProjectsInMemory,
    StillClock,
)

ROOT = Actor("uid 0", Permission.ADMIN)


def lead(person="prof", project="seminar"):
    return Actor(person, Permission.LEAD, person=person, project=project, origin="10.0.0.9")


def member(person="ada", project="seminar", key_id=""):
    return Actor(person, Permission.MEMBER, person=person, project=project, key_id=key_id)


class Lab:
    """All services over one directory, on a machine with the users ``alovelace`` and ``bturing``."""

    def __init__(self):
        self.users = {"alovelace": 1001, "bturing": 1002}
        self.clock = StillClock()
        self.people, self.groups = PersonsInMemory(), ProjectsInMemory()
        self.rows, self.key_rows = MembersInMemory(), KeysInMemory()
        self.directory = Directory()
        self.logins = Logins(self.directory, self.uid_of)
        self.keys = KeyService(self.key_rows, self.directory, self.clock)
        self.persons = PersonService(
            persons=self.people,
            members=self.rows,
            directory=self.directory,
            logins=self.logins,
            keys=self.keys,
            clock=self.clock,
        )
        self.members = MemberService(self.rows, self.directory, self.clock)
        self.projects = ProjectService(self.groups, self.rows, self.directory, self.clock)
        self.standing = Standing(self.directory, self.clock)

    def uid_of(self, login):
        return self.users.get(login)

    async def load(self):
        await self.directory.load(self.people, self.groups, self.rows)
        return self

    async def with_seminar(self):
        """A class of one lead, ``prof``, and two members, ``ada`` and ``bob``."""
        await self.projects.new(project="seminar", kind="course")
        for person, part in (("prof", "lead"), ("ada", "member"), ("bob", "member")):
            await self.people.add(Person(person, person.title(), NOON_MS))
            await self.rows.put(Membership("seminar", person, part, NOON_MS))
        return await self.load()

    def told(self, listed):
        return [(one.person, one.part) for one in listed.members]


@pytest.fixture
async def lab():
    return await Lab().load()


@pytest.fixture
async def seminar():
    return await Lab().with_seminar()
