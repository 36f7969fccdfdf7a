"""Tables in memory that keep the contracts of the store, and a clock that stands still."""

from dataclasses import replace

import pytest

from appliance.domain.people import Person, Project
from appliance.domain.usage import Budget
from appliance.errors import Conflict, NotFound
from appliance.services.people.directory import Directory
from tests.services.overnight_fakes import OvernightBox

NOON_MS = 1_790_000_000_000


class StillClock:
    def __init__(self):
        self.time_ms = NOON_MS

    def now_ms(self):
        return self.time_ms

    def monotonic_s(self):
        return self.time_ms / 1000


class ProjectsInMemory:
    def __init__(self):
        self.projects = {"default": Project("default", "default", NOON_MS)}

    async def add(self, project):
        if project.id in self.projects:
            raise Conflict("taken")
        self.projects[project.id] = project

    async def change(self, project):
        self.projects[project.id] = project

    async def all(self):
        return list(self.projects.values())


class PersonsInMemory:
    def __init__(self):
        self.persons = {"default": Person("default", "default", NOON_MS)}

    async def add(self, person):
        if person.id in self.persons:
            raise Conflict("taken")
        self.persons[person.id] = person

    async def change(self, person):
        self.persons[person.id] = person

    async def all(self):
        return list(self.persons.values())


class MembersInMemory:
    def __init__(self):
        self.rows = {}

    async def put(self, membership):
        self.rows[membership.project_id, membership.person_id] = membership

    async def remove(self, project_id, person_id):
        self.rows.pop((project_id, person_id), None)

    async def all(self):
        return list(self.rows.values())


class KeysInMemory:
    """``refuses`` makes the disk say no."""

    def __init__(self):
        self.keys = {}
        self.digests = {}
        self.refuses = None

    async def add(self, key, digest):
        self._check()
        self.keys[key.id] = key
        self.digests[key.id] = digest

    async def set_limits(self, key_id, limits):
        self._check()
        self.keys[key_id] = replace(self.keys[key_id], limits=limits)

    async def revoke(self, key_id, now_ms):
        self._check()
        if key_id not in self.keys:
            raise NotFound("unknown key")
        key = self.keys[key_id]
        self.keys[key_id] = replace(key, revoked_ms=key.revoked_ms or now_ms)
        return self.keys[key_id]

    async def all(self, project_id=None):
        return [key for key in self.keys.values() if project_id in (None, key.project_id)]

    async def usable(self):
        return [(self.digests[key.id], key) for key in self.keys.values() if key.revoked_ms is None]

    def _check(self):
        if self.refuses is not None:
            raise self.refuses


class BudgetsInMemory:
    def __init__(self):
        self.budgets = {"default": Budget("default", None, 5, 7)}

    async def get(self, project_id):
        if project_id not in self.budgets:
            raise NotFound("unknown project")
        return self.budgets[project_id]

    async def set_limit(self, project_id, limit_micro):
        old = await self.get(project_id)
        self.budgets[project_id] = Budget(project_id, limit_micro, old.spent_micro, old.held_micro)
        return self.budgets[project_id]


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def projects():
    return ProjectsInMemory()


@pytest.fixture
def persons():
    return PersonsInMemory()


@pytest.fixture
def members():
    return MembersInMemory()


@pytest.fixture
async def directory(persons, projects, members):
    """Who there is, as it was loaded from the tables."""
    known = Directory()
    await known.load(persons, projects, members)
    return known


@pytest.fixture
def keys():
    return KeysInMemory()


@pytest.fixture
def budgets():
    return BudgetsInMemory()


@pytest.fixture
async def nights():
    """A box for batches, closed at the end, in which nothing broke."""
    box = OvernightBox()
    yield box
    await box.service.close()
    assert box.log.errors == []
