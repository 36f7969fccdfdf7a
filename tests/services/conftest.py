"""Tables in memory that keep the contracts of the store, and a clock that stands still."""

from dataclasses import replace

import pytest

from appliance.domain.people import Project
from appliance.domain.usage import Budget
from appliance.errors import Conflict, NotFound

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

    async def change(self, project_id, *, weight, shares_prefixes):
        if project_id not in self.projects:
            raise NotFound("unknown project")
        wishes = {"weight": weight, "shares_prefixes": shares_prefixes}
        given = {name: value for name, value in wishes.items() if value is not None}
        self.projects[project_id] = replace(self.projects[project_id], **given)
        return self.projects[project_id]

    async def all(self):
        return list(self.projects.values())


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

    async def revoke(self, key_id, now_ms):
        self._check()
        if key_id not in self.keys:
            raise NotFound("unknown key")
        key = self.keys[key_id]
        fields = {name: getattr(key, name) for name in key.__slots__}
        self.keys[key_id] = type(key)(**(fields | {"revoked_ms": key.revoked_ms or now_ms}))
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
def keys():
    return KeysInMemory()


@pytest.fixture
def budgets():
    return BudgetsInMemory()
