"""Projects on a box, what they used, and the services of duties over tables in memory."""

from dataclasses import dataclass, field, replace
from itertools import count

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import Caller, Membership, Person, Project, Role
from appliance.domain.usage import Budget, Meters, Outcome
from appliance.errors import Conflict, ModelNotFound, NotFound
from appliance.services.admission.gates import Asked
from appliance.services.duties.compute import ComputeBook
from appliance.services.duties.duties import Duties
from appliance.services.duties.gate import DutiesGate
from appliance.services.duties.looking import DutyView
from appliance.services.duties.recording import DutyRecording
from appliance.services.duties.register import DutyRegister
from appliance.services.duties.training import DutyTraining
from appliance.services.people.directory import Directory
from tests.models.fakes import recipe
from tests.policy.shipped_shapes import shapes_of
from tests.services.conftest import NOON_MS, StillClock

OPERATOR = Actor("uid 0", Permission.ADMIN)
REVIEWER = Actor("per_rev", Permission.REVIEW, person="per_rev")
LEAD = Actor("per_ada", Permission.LEAD, person="per_ada", project="nlp", origin="10.0.0.7")
LARGE, SMALL, TINY = "large", "small", "tiny"


class Recipes:
    """``large`` was trained with 10^25 FLOP and more, ``small`` with 7 * 10^23, ``tiny`` with hardly any."""

    def __init__(self):
        trained = {LARGE: 10**16 + 1, SMALL: 722_700_000_000_000, TINY: 10**6}
        self.found = {name: replace(recipe(name), training_gflop=gflop) for name, gflop in trained.items()}
        self.found[SMALL] = replace(self.found[SMALL], shapes=shapes_of("llama-3.1-8b-instruct"))

    def find(self, model):
        if model not in self.found:
            raise ModelNotFound("gone")
        return self.found[model], self.found[model].forms[0]


class DutiesInMemory:
    """Keeps the contract of the table; ``refusal`` is raised in place of writing."""

    def __init__(self):
        self.rows, self.reached, self.trained = {}, {}, {}
        self.refusal = None

    def _write(self):
        if self.refusal:
            raise self.refusal

    async def records(self):
        return list(self.rows.values())

    async def levels(self):
        return list(self.reached.values())

    async def trainings(self):
        return list(self.trained.values())

    async def add(self, record):
        self._write()
        self.rows[record.id] = record

    async def accept(self, record):
        if self.rows[record.id].accepted_ms is not None or self.rows[record.id].withdrawn_ms is not None:
            raise Conflict("decided")
        await self.add(record)

    async def withdraw(self, record):
        if self.rows[record.id].withdrawn_ms is not None:
            raise Conflict("taken back")
        await self.add(record)

    async def reach(self, levels):
        self._write()
        for one in levels:
            self.reached.setdefault((one.project_id, one.year_ms, one.level), one)

    async def train(self, training):
        self._write()
        self.trained[training.id] = training

    async def untrain(self, id, now_ms):
        self.trained[id] = replace(self.trained[id], withdrawn_ms=now_ms)


class YearUse:
    def __init__(self, *rows):
        self.rows = rows
        self.asked = {}

    async def sums(self, since_ms):
        self.asked = dict(since_ms)
        return [one for one in self.rows if one.project_id in since_ms]


class Conduct:
    def __init__(self):
        self.projects = set()

    def signed(self, project_id):
        return project_id in self.projects


class Budgets:
    def __init__(self):
        self.limits = {}
        self.spent_micro = self.granted_micro = 0

    async def get(self, project_id):
        if project_id not in self.limits and project_id not in {"nlp", "default"}:
            raise NotFound("no project")
        limit_micro = self.limits.get(project_id)
        return Budget(project_id, limit_micro, self.spent_micro, 0, self.granted_micro)


@dataclass
class DutyBox:
    """``nlp`` is led by Ada; ``default`` belongs to nobody."""

    clock: StillClock = field(default_factory=StillClock)
    directory: Directory = field(default_factory=Directory)
    recipes: Recipes = field(default_factory=Recipes)
    stored: DutiesInMemory = field(default_factory=DutiesInMemory)
    conduct: Conduct = field(default_factory=Conduct)
    budgets: Budgets = field(default_factory=Budgets)

    def __post_init__(self):
        self.directory.put_project(Project("default", "default", NOON_MS))
        self.directory.put_project(Project("nlp", "NLP", NOON_MS))
        self.person("per_ada")
        self.directory.put_member(Membership("nlp", "per_ada", "lead", NOON_MS))
        self.open()

    def open(self):
        """As after a start: what is not stored is forgotten."""
        numbers = count(1)

        def random_bytes(size):
            return next(numbers).to_bytes(size, "big")

        self.register = DutyRegister(self.stored)
        self.compute = ComputeBook(self.directory, self.recipes)
        self.duties = Duties(
            self.directory,
            compute=self.compute,
            register=self.register,
            conduct=self.conduct,
            clock=self.clock,
        )
        self.gate = DutiesGate(self.duties)
        self.view = DutyView(self.duties, self.register, self.directory, self.budgets, self.clock)
        self.recording = DutyRecording(
            self.register, self.directory, self.view, self.clock, random_bytes=random_bytes
        )
        self.training = DutyTraining(
            self.register, self.recording, self.view, self.recipes, self.clock, random_bytes=random_bytes
        )

    def person(self, name, role=Role.MEMBER):
        self.directory.put_person(Person(name, name, NOON_MS, role=role))

    def project(self, **changes):
        self.directory.put_project(replace(self.directory.project("nlp"), **changes))

    def asked(self, model=TINY, project="nlp"):
        caller = Caller("key_1", "per_bea", project)
        return Asked(caller, self.recipes.find(model)[0], model, None, self.clock.now_ms())

    def use(self, gflop, model=TINY, project="nlp", outcome=Outcome.COMPLETED):
        """A request of that size goes through."""
        watch = self.compute.watch(self.asked(model, project))
        watch.ended(outcome, Meters(gflop=gflop))

    def notices(self, model=TINY, project="nlp"):
        return self.gate.let(self.asked(model, project)).notices
