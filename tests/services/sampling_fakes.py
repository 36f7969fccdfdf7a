"""Spot checks over tables in memory, and requests to look on at."""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.generation import Accepted, GenerationRequest, TextDelta
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller, Membership, Project
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.samples import LedgerLine, RateChange, ReviewerKey, Sample, Sealed
from appliance.domain.usage import Meters, Outcome
from appliance.errors import Conflict, NotFound, StorageUnavailable
from appliance.services.admission.gates import Asked
from appliance.services.sampling.book import RuleBook
from appliance.services.sampling.reading_keys import ReadingKeys
from appliance.services.sampling.taking import SampleTaker
from appliance.services.sampling.watching import Sampler
from tests.admin.fake_box import SilentLog
from tests.models.fakes import recipe
from tests.services.conftest import StillClock

MARKER = "MARKER-4711"
ADA = Caller("key_1", "ada", "nlp")
REVIEWER = Actor("rosa", Permission.REVIEW, person="rosa")
RECIPE = replace(recipe("m"), tier="approved")


class Rules:
    def __init__(self):
        self.kept = {"seeds": [], "rates": [], "tiers": [], "choices": []}
        self.refuses = False

    async def add_seeds(self, seeds):
        self._check()
        known = {one.day for one in self.kept["seeds"]}
        self.kept["seeds"] += [one for one in seeds if one.day not in known]

    async def seeds(self):
        return self.kept["seeds"]

    async def add_rate(self, one):
        self._check()
        self.kept["rates"].append(one)

    async def rates(self):
        return self.kept["rates"]

    async def add_tier(self, one):
        self._check()
        self.kept["tiers"].append(one)

    async def tiers(self):
        return self.kept["tiers"]

    async def add_choice(self, one):
        self._check()
        self.kept["choices"].append(one)

    async def choices(self):
        return self.kept["choices"]

    def _check(self):
        if self.refuses:
            raise StorageUnavailable("full")


class Samples:
    """``rows`` are the settled requests of the ledger, with their projects."""

    def __init__(self):
        self.rows: dict[str, tuple[LedgerLine, str]] = {}
        self.kept = []
        self.verdicts = {}
        self.sealed: Seals | None = None

    async def take(self, one):
        if one.request_id not in self.rows or one.request_id in {kept.request_id for kept in self.kept}:
            return False
        self.kept.append(one)
        for key, jwe in one.sealed:
            self.sealed.rows.append(Sealed(one.id, key, jwe, one.sealed_until_ms))
        return True

    async def page(self, *, open_only, project=None, holder=None, limit):
        found = [self._sample(one) for one in reversed(self.kept)]
        found = [one for one in found if project in {None, one.project_id}]
        return [one for one in found if not (open_only and one.verdict)][:limit]

    async def get(self, sample_id):
        for one in self.kept:
            if one.id == sample_id:
                return self._sample(one)
        raise NotFound("There is no such sample.")

    async def decide(self, sample_id, verdict, reason, by, now_ms):
        if sample_id in self.verdicts:
            raise Conflict("This sample was decided already.")
        await self.get(sample_id)
        self.verdicts[sample_id] = (verdict, reason, by, now_ms)

    async def taken(self, since_ms, until_ms):
        return frozenset(
            one.request_id
            for one in self.kept
            if since_ms <= self.rows[one.request_id][0].started_ms < until_ms
        )

    async def ledger(self, since_ms, until_ms, after=(-1, -1)):
        """One line at a time."""
        lines = [line for line, _ in self.rows.values() if since_ms <= line.started_ms < until_ms]
        at = after[1] + 1
        return lines[at : at + 1], (0, at) if at + 1 < len(lines) else None

    async def line(self, request_id):
        return self.rows.get(request_id)

    def _sample(self, one):
        line, project = self.rows[one.request_id]
        verdict, reason, by, at_ms = self.verdicts.get(one.id, (None, "", "", None))
        return Sample(
            id=one.id,
            request_id=one.request_id,
            tier=one.tier,
            kind=one.kind,
            purpose=one.purpose,
            consents=one.consents,
            taken_ms=one.taken_ms,
            holder=line.holder,
            person_id=line.holder,
            key_id="key_1",
            project_id=project,
            model_id=line.model,
            outcome="completed",
            prompt_tokens=1,
            completion_tokens=2,
            started_ms=line.started_ms,
            ended_ms=line.started_ms,
            keys=tuple(seal.key_id for seal in self.sealed.rows if seal.owner == one.id),
            verdict=verdict,
            reason=reason,
            decided_by=by,
            decided_ms=at_ms,
        )


class Seals:
    def __init__(self):
        self.known: dict[str, ReviewerKey] = {}
        self.rows: list[Sealed] = []
        self.forgotten = []

    async def add_key(self, key):
        self.known[key.id] = key

    async def end_key(self, key_id, now_ms):
        self.known[key_id] = replace(self.known[key_id], ended_ms=now_ms)

    async def keys(self):
        return list(self.known.values())

    async def of(self, owner, now_ms):
        return [one for one in self.rows if one.owner == owner and one.until_ms > now_ms]

    async def expire(self, now_ms):
        over = [one for one in self.rows if one.until_ms <= now_ms]
        self.rows = [one for one in self.rows if one not in over]
        return len(over)

    async def forget(self, holder):
        self.forgotten.append(holder)
        self.rows = []
        return 0


class Directory:
    def project(self, id):
        return Project(id, id, 0, purpose="A study of bias") if id == "nlp" else None

    def projects_of(self, person_id):
        return [Membership("nlp", person_id, "member", 0)] if person_id == "ada" else []

    def purpose(self, project_id, _model):
        found = self.project(project_id)
        return found.purpose if found else ""


@dataclass
class Checks:
    clock: StillClock = field(default_factory=StillClock)
    rules: Rules = field(default_factory=Rules)
    samples: Samples = field(default_factory=Samples)
    seals: Seals = field(default_factory=Seals)
    log: SilentLog = field(default_factory=SilentLog)

    def __post_init__(self):
        self.samples.sealed = self.seals
        self.rules.kept["rates"] = [RateChange("approved", Fraction(1), 0)]
        self.book = RuleBook(self.rules, self.clock, fresh_seed=self._seed)
        self.keys = ReadingKeys(self.seals, self.clock)
        self.taker = SampleTaker(
            book=self.book,
            keys=self.keys,
            samples=self.samples,
            purposes=Directory(),
            clock=self.clock,
            log=self.log,
            days=30,
        )
        self.sampler = Sampler(self.book, self.taker)
        self._made = 0

    def _seed(self):
        self._made += 1
        return self._made.to_bytes(32, "big")

    async def load(self):
        await self.book.load()
        await self.keys.load()
        return self

    def watch(self, number=1, *, caller=ADA, text=MARKER, recipe=RECIPE):
        """One that looks on at a request."""
        request = GenerationRequest(f"req_{number}", recipe.id, ChatPrompt((Message("user", text),)))
        watch = self.sampler.watch(Asked(caller, recipe, recipe.id, request, self.clock.now_ms()))
        watch.accepted(Accepted(ModelIdentity("m", 1, "", ""), 1, 7, self.clock.now_ms()))
        return watch

    async def ask(self, number=1, *, caller=ADA, recipe=RECIPE, settled=True, written=True):
        """A request from its beginning to its end, and its row in the ledger."""
        watch = self.watch(number, caller=caller, recipe=recipe)
        watch.hear(TextDelta(0, f"answer to {MARKER}"))
        if settled:
            line = LedgerLine(f"req_{number}", caller.holder, recipe.id, self.clock.now_ms())
            self.samples.rows[line.request_id] = (line, caller.project_id)
        if written:
            watch.ended(Outcome.COMPLETED, Meters())
            await self.taker.flush()
