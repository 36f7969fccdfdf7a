"""Budgets over a real store: two projects, three people, a model that runs, a clock that stands still."""

import shutil

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.model import ModelIdentity
from appliance.domain.people import ApiKey, Caller, Membership, Person, Project
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.errors import ModelNotFound
from appliance.services.ledger.adjusting import Adjusting
from appliance.services.ledger.asking import AskingService
from appliance.services.ledger.correcting import CorrectionService
from appliance.services.ledger.limits import LimitService
from appliance.services.ledger.own import OwnLimits
from appliance.services.ledger.references import KnownModel, References
from appliance.services.ledger.statements import StatementService
from appliance.services.people.directory import Directory
from appliance.services.usage import UsageService
from appliance.store.store import Store

NOON_MS = 20_000 * 86_400_000 + 43_200_000
OPERATOR = Actor("uid 0", Permission.ADMIN)
REVIEWER = Actor("rev", Permission.REVIEW, person="rev")
LEAD = Actor("ada", Permission.LEAD, person="ada", project="nlp", origin="10.0.0.7")
MEMBER = Actor("bob", Permission.MEMBER, person="bob", project="nlp", origin="10.0.0.8")
ADA = Caller("key_ada", "ada", "nlp")
BOB = Caller("key_bob", "bob", "nlp")
NOBODY = Caller("key_1", "default", "default")


class StillClock:
    """Moves when a test says so."""

    def __init__(self):
        self.time_ms = NOON_MS

    def now_ms(self):
        return self.time_ms

    def monotonic_s(self):
        return self.time_ms / 1000


class Keys:
    def __init__(self):
        self.keys = {}

    def key(self, key_id):
        return self.keys.get(key_id)


class Duties:
    """Refuses when a test says so."""

    def __init__(self):
        self.refusal = None
        self.asked = []

    async def check_more(self, project_id, more_micro):
        self.asked.append((project_id, more_micro))
        if self.refusal is not None:
            raise self.refusal


class Box:
    """Every service that knows of money, joined as the wiring joins them."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.directory, self.keys, self.duties = Directory(), Keys(), Duties()
        self.running = [KnownModel("tiny", 750)]
        self.references = References(store.usage, lambda: self.running, clock)
        self.adjusting = Adjusting(store.adjustments, clock)
        self.limits = LimitService(
            store.allocations, self.references, self.directory, self.keys, self.recipe_of
        )
        self.asking = AskingService(
            store.budget_requests, store.allocations, self.directory, clock, self.duties
        )
        self.corrections = CorrectionService(self.adjusting)
        self.statements = StatementService(
            store.usage, store.adjustments, self.limits, lambda model: f"org/{model[0]}", clock
        )
        self.usage = UsageService(store.usage, clock)
        self.own = OwnLimits(store.allocations, self.references, clock)
        self.requests = 0

    @staticmethod
    def recipe_of(model):
        name = model.partition("@")[0]
        if name not in {"tiny", "large"}:
            raise ModelNotFound("No model has this name.")
        return name

    async def hold(self, caller=BOB, micro=100, model="tiny"):
        """A request that runs; its id."""
        self.requests += 1
        name = f"req_{self.requests}"
        identity = ModelIdentity(model, 1, "ab" * 32, "fake-1")
        hold = Hold(name, caller, identity, 10, 20, micro, 10, 2, self.clock.now_ms())
        await self.store.ledger.reserve(hold)
        return name

    async def use(self, caller=BOB, micro=100, model="tiny", gpu_ms=30):
        """A request that has ended; its id."""
        name = await self.hold(caller, micro, model)
        meters = Meters(10, 0, 20, gpu_ms, 40, micro)
        await self.store.ledger.settle(name, Outcome.COMPLETED, meters)
        return name


async def people(box):
    """Ada leads nlp, Bob belongs to it."""
    nlp = Project("nlp", "Language group", NOON_MS)
    await box.store.projects.add(nlp)
    box.directory.put_project(nlp)
    for name, part in (("ada", "lead"), ("bob", "member"), ("rev", None)):
        person = Person(name, name.title(), NOON_MS)
        await box.store.people.add(person)
        box.directory.put_person(person)
        if part is not None:
            box.directory.put_member(Membership("nlp", name, part, NOON_MS))
    for caller in (ADA, BOB, NOBODY):
        key = ApiKey(caller.key_id, "k", "abcd", caller.person_id, caller.project_id, NOON_MS, None, None)
        await box.store.keys.add(key, caller.key_id.encode().ljust(32))
        box.keys.keys[caller.key_id] = key


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """An empty one with its schema, made once: each test has a copy."""
    made = tmp_path_factory.mktemp("new") / "carrel.db"
    Store.open(made, StillClock()).close()
    return made


@pytest.fixture
async def box(tmp_path, new_database):
    clock = StillClock()
    shutil.copy(new_database, tmp_path / "carrel.db")
    store = Store.open(tmp_path / "carrel.db", clock)
    made = Box(store, clock)
    await people(made)
    yield made
    store.close()
