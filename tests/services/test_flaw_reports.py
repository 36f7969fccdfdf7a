"""Flaw reports: the prompt is a hash, the model is its bytes, the case is seen again before it is paid."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.adjustment import AdjustmentKind
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller, Owner, Person, Project
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.reports import Drawn
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import Free
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound, ReplicaFailed, TryAgain
from appliance.policy.reports import prompt_sha256, read_prompt
from appliance.services.generation.ports import ServedModel
from appliance.services.queue import DispatchQueue, QueueLimits
from appliance.services.reports.filing import Case, Filing
from appliance.services.reports.own import OwnReports
from appliance.services.reports.reproducing import Reproducer
from appliance.services.reports.reviewing import ReportReviews
from appliance.trust.sealing import PrivateKey, make_key_pair
from tests.admin.fake_box import SilentLog
from tests.generation.fakes import FakePreparer, FakeSource
from tests.models.fakes import recipe
from tests.services.conftest import StillClock
from tests.services.sampling_fakes import REVIEWER, Checks

PROMPT = "Go on: MARKER-4711"
RECIPE = recipe("m")
ADA, BOB = Caller("key_1", "ada", "nlp"), Caller("key_2", "bob", "nlp")
CASE = Case("m", Drawn(7, temperature=0.5, max_tokens=5), "high", "bias", "It does.", prompt=PROMPT)


def owner_of(report):
    return Owner(report.holder, report.project_id)


class Reports:
    def __init__(self):
        self.rows, self.sealed = {}, []

    async def add(self, report, sealed, *, most_open):
        own = [one for one in self.rows.values() if one.holder == report.holder and one.state == "open"]
        if len(own) >= most_open:
            raise TryAgain("too many")
        self.rows[report.id] = replace(report, keys=tuple(one.key_id for one in sealed))
        self.sealed += sealed

    async def page(self, *, open_only, owner=None, limit):
        found = [one for one in reversed(self.rows.values()) if owner in {None, owner_of(one)}]
        return [one for one in found if not open_only or one.state == "open"][:limit]

    async def get(self, report_id, owner=None):
        found = self.rows.get(report_id)
        if found is None or owner not in {None, owner_of(found)}:
            raise NotFound("There is no such report.")
        return found

    async def triage(self, report_id, state, *, reason, micro, by, now_ms):
        if self.rows[report_id].state != "open":
            raise Conflict("triaged already")
        self.rows[report_id] = replace(
            self.rows[report_id],
            state=state,
            reason=reason,
            micro=micro,
            paid=not micro,
            decided_by=by,
            decided_ms=now_ms,
        )

    async def due(self):
        return [one for one in self.rows.values() if one.state == "accepted" and not one.paid]

    async def paid(self, report_id):
        self.rows[report_id] = replace(self.rows[report_id], paid=True)

    async def of(self, owner, now_ms):
        return [one for one in self.sealed if one.owner == owner and one.until_ms > now_ms]


class Ledger:
    def __init__(self):
        self.given, self.fails = [], False

    async def adjust(self, *, project, micro, kind, reason, reference="", actor, person=None):
        if self.fails:
            raise TryAgain("not now")
        if reference in {one[2] for one in self.given}:
            raise Conflict("given already")
        self.given.append((project, micro, reference, actor))
        assert kind is AdjustmentKind.BOUNTY


class Box:
    """Reports over a model that the test drives."""

    def __init__(self):
        self.clock, self.reports, self.ledger = StillClock(), Reports(), Ledger()
        self.checks, self.asked = Checks(), []
        self.queue = DispatchQueue(QueueLimits(waiting=3), clock=self.clock)
        self.source = FakeSource()
        self.source.on_change = self.queue.wake
        self.model = ServedModel(
            identity=ModelIdentity("m", RECIPE.revision, RECIPE.forms[0].sha256, "fake-1"),
            shapes=ModelShapes(1_000_000_000, 4, 4, 16, 16, 64, 256),
            context_tokens=100,
            capacity=Free(1000, 2),
            chats=True,
            defaults=SamplingDefaults(temperature=0.7, max_tokens=20),
            preparer=FakePreparer(),
            sources=[self.source],
        )
        filing = Filing(
            reports=self.reports, names=self, admission=self, keys=self.checks.keys, clock=self.clock, days=30
        )
        self.own = OwnReports(self.reports, filing)
        self.reviews = ReportReviews(
            reports=self.reports,
            filing=filing,
            sealed=self.reports,
            paying=self.ledger,
            reproducer=Reproducer(self, self.queue),
            directory=self,
            clock=self.clock,
            log=SilentLog(),
        )

    def find(self, model):
        if model != "m":
            raise ModelNotFound("no such model")
        return RECIPE, RECIPE.forms[0]

    def check(self, caller, model):
        self.asked.append((caller, model))
        self.find(self.rename(caller, model))

    def rename(self, caller, model):
        return "m" if model == "class-model" else model

    def person(self, id):
        return Person(id, id, 0) if id in {"ada", "default"} else None

    def project(self, id):
        return Project(id, id, 0) if id == "nlp" else None

    @asynccontextmanager
    async def lend(self, model, wishes):
        yield self.model

    async def new(self, **changes):
        given = {
            "model": "m",
            "seed": 7,
            "severity": "low",
            "category": "other",
            "description": "It does.",
            "prompt_file": PROMPT,
            "prompt_sha256": None,
            "share_text": False,
            "to_owner": False,
            "temperature": "0.5",
            "top_p": None,
            "top_k": None,
            "max_tokens": None,
            "seen": 1,
            "person": "ada",
            "project": "nlp",
            "actor": Actor("uid 0", Permission.ADMIN),
        }
        return await self.reviews.new(**(given | changes))

    async def accept(self, report_id, **more):
        given = {"verdict": "accepted", "reason": "Seen.", "credits": None, "actor": REVIEWER}
        return await self.reviews.triage(id=report_id, **(given | more))


@pytest.fixture
def box():
    return Box()


async def test_a_report_knows_the_model_s_bytes_and_the_prompt_s_hash_only(box):
    report = await box.own.file(ADA, CASE)
    assert report.prompt_sha256 == prompt_sha256(PROMPT)
    assert (report.model.file_sha256, report.model.recipe_revision) == (RECIPE.forms[0].sha256, 1)
    assert "MARKER" not in repr(box.reports.rows)
    assert box.asked == [(ADA, "m")]
    by_hash = await box.own.file(ADA, replace(CASE, prompt=None, prompt_sha256=prompt_sha256(PROMPT).upper()))
    assert by_hash.prompt_sha256 == report.prompt_sha256


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"prompt": None}, "Give the prompt's SHA-256"),
        ({"prompt": None, "prompt_sha256": "z" * 64}, "64 hex digits"),
        ({"prompt_sha256": "0" * 64}, "another SHA-256"),
        ({"prompt": None, "prompt_sha256": "0" * 64, "share": True}, "no prompt to share"),
        ({"prompt": "x" * 20_000, "share": True}, "16384 bytes"),
        ({"description": " \n "}, "visible text"),
        ({"description": "\x1b[31mred"}, "visible text"),
    ],
)
async def test_what_cannot_be_seen_again_is_refused(box, changes, says):
    with pytest.raises(BadRequest, match=says):
        await box.own.file(ADA, replace(CASE, **changes))


async def test_a_prompt_is_shared_with_the_reviewers_and_with_nobody_else(box):
    with pytest.raises(Conflict, match="No reviewer has given a key"):
        await box.own.file(ADA, replace(CASE, share=True))
    pair = make_key_pair()
    await box.checks.keys.add(pair.public, "Rosa", "rosa")
    report = await box.own.file(ADA, replace(CASE, share=True))
    assert len(report.keys) == 1
    assert "MARKER" not in repr(box.reports.sealed)
    fetched = await box.reviews.fetch(id=report.id)
    assert b"MARKER-4711" in PrivateKey.read(pair.private).open(fetched.sealed[0].jwe)
    box.clock.time_ms += 31 * 86_400_000
    with pytest.raises(NotFound):
        await box.reviews.fetch(id=report.id)


async def test_people_see_their_own_reports_and_nobody_else_s(box):
    report = await box.own.file(ADA, CASE)
    assert [one.id for one in await box.own.all(ADA)] == [report.id]
    assert (await box.own.get(ADA, report.id)).id == report.id
    there = replace(ADA, project_id="vision")
    assert list(await box.own.all(there)) == []
    with pytest.raises(NotFound):
        await box.own.get(there, report.id)
    assert await box.own.all(BOB) == []
    with pytest.raises(NotFound):
        await box.own.get(BOB, report.id)


async def test_twenty_may_be_open_at_once(box):
    for _ in range(20):
        await box.own.file(ADA, CASE)
    with pytest.raises(TryAgain):
        await box.own.file(ADA, CASE)
    await box.own.file(BOB, CASE)


async def test_an_accepted_report_pays_its_project_once(box):
    report = await box.own.file(ADA, CASE)
    line = await box.accept(report.id)
    assert (line.state, line.micro, line.paid) == ("accepted", 20_000_000, True)
    assert box.ledger.given == [("nlp", 20_000_000, report.id, "rosa")]
    with pytest.raises(Conflict):
        await box.accept(report.id)
    assert len(box.ledger.given) == 1


async def test_what_it_pays_can_be_said_and_only_an_accepted_one_pays(box):
    first, second = await box.own.file(ADA, CASE), await box.own.file(ADA, CASE)
    assert (await box.accept(first.id, credits="0.5")).micro == 500_000
    with pytest.raises(BadRequest, match="--credits"):
        await box.accept(second.id, verdict="duplicate", credits="1")
    assert (await box.accept(second.id, verdict="duplicate")).micro == 0
    assert len(box.ledger.given) == 1


async def test_what_a_crash_left_unpaid_is_paid_at_the_next_start_and_never_twice(box):
    report = await box.own.file(ADA, CASE)
    box.ledger.fails = True
    with pytest.raises(TryAgain):
        await box.accept(report.id)
    await box.reviews.pay_due()
    box.ledger.fails = False
    await box.reviews.pay_due()
    assert [one[2] for one in box.ledger.given] == [report.id]
    box.reports.rows[report.id] = replace(box.reports.rows[report.id], paid=False)
    await box.reviews.pay_due()
    assert len(box.ledger.given) == 1
    assert box.reports.rows[report.id].paid


async def test_a_case_is_seen_again_with_its_seed_through_the_queue(box):
    report = await box.own.file(ADA, CASE)

    seeing = asyncio.create_task(box.reviews.reproduce(id=report.id, prompt_file=PROMPT))
    stream = await box.source.stream(0)
    work = stream.work
    assert (work.sampling.seed, work.sampling.temperature, work.max_tokens) == (7, 0.5, 5)
    assert "".join(map(chr, work.prompt)) == PROMPT
    stream.token("It ")
    stream.token("does.")
    stream.finish()
    seen = await seeing
    assert (seen.answer, seen.tokens, seen.same_model, seen.reason) == ("It does.", 2, True, "stop")
    assert "MARKER" not in repr(box.reports.rows)


async def test_other_bytes_than_those_reported_are_told(box):
    report = await box.own.file(ADA, CASE)
    box.model = replace(box.model, identity=replace(box.model.identity, file_sha256="ff" * 32))

    seeing = asyncio.create_task(box.reviews.reproduce(id=report.id, prompt_file=PROMPT))
    (await box.source.stream(0)).finish()
    assert not (await seeing).same_model


async def test_another_prompt_is_refused_before_anything_is_computed(box):
    report = await box.own.file(ADA, CASE)
    with pytest.raises(BadRequest, match="exact bytes count"):
        await box.reviews.reproduce(id=report.id, prompt_file=PROMPT + "\n")
    assert box.source.streams == []


async def test_a_model_that_dies_under_it_is_an_error(box):
    report = await box.own.file(ADA, CASE)

    seeing = asyncio.create_task(box.reviews.reproduce(id=report.id, prompt_file=PROMPT))
    (await box.source.stream(0)).fail("replica_failed")
    with pytest.raises(ReplicaFailed):
        await seeing
    assert box.queue.waiting == 0


async def test_a_reviewer_who_leaves_ends_what_is_computed_for_them(box):
    report = await box.own.file(ADA, CASE)
    seeing = asyncio.create_task(box.reviews.reproduce(id=report.id, prompt_file=PROMPT))
    stream = await box.source.stream(0)
    seeing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await seeing
    assert stream.cancelled.is_set()


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("Go on", TextPrompt("Go on")),
        ('[{"role":"user","content":"Hi"}]', ChatPrompt((Message("user", "Hi"),))),
        ("[]", TextPrompt("[]")),
        ('[{"role":"judge","content":"Hi"}]', TextPrompt('[{"role":"judge","content":"Hi"}]')),
        ("{}", TextPrompt("{}")),
    ],
)
def test_a_list_of_turns_is_a_conversation_and_anything_else_is_text(text, prompt):
    assert read_prompt(text) == prompt


async def test_an_operator_files_a_report_for_somebody(box):
    line = await box.new()
    assert (line.person, line.project, line.temperature) == ("ada", "nlp", "0.5")
    assert (await box.new(temperature="none")).temperature is None
    for unknown in ({"person": "nobody"}, {"project": "nothing"}):
        with pytest.raises(NotFound):
            await box.new(**unknown)
    listed = await box.reviews.list_reports(all=False, limit=9)
    assert len(listed.reports) == 2
    assert (await box.reviews.show(id=line.id)).id == line.id
    with pytest.raises(NotFound, match="shared no prompt"):
        await box.reviews.fetch(id=line.id)
