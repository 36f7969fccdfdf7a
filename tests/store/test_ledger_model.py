"""The ledger against a few lines of arithmetic, under any order of reserve, mark, cancel, settle, refund,
grant, limits that come and go, days and terms that pass, old rows that are summed, and crashes.
"""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from appliance.domain.adjustment import Adjustment, AdjustmentKind
from appliance.domain.allocation import Allocation, Scope, Window
from appliance.domain.days import DAY_MS
from appliance.domain.model import ModelIdentity
from appliance.domain.people import ApiKey, Caller, Project
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.errors import BadRequest, BudgetExhausted, Conflict, NotFound
from appliance.store.connection import connect_writer
from appliance.store.store import Store
from tests.long_form import rounds
from tests.store.ledger_model import PER_TOKEN, PREFILL, Asked, Given, ModeledLedger

START_MS = 20_000 * DAY_MS
HOUR_MS = 3_600_000
CALLERS = (
    Caller("key_1", "default", "default"),
    Caller("key_2", "ada", "nlp"),
    Caller("key_3", "ada", "nlp"),
    Caller("key_4", "bob", "nlp"),
    Caller("key_5", "default", "nlp"),
)
MODELS = ("small", "small@q4", "large")
SUBJECTS = {
    Scope.PROJECT: [""],
    Scope.PERSON: ["", "ada", "bob", "key_5"],
    Scope.KEY: ["", "key_2", "key_5"],
    Scope.MODEL: ["", "small"],
}
TERMS = [(0, 2), (1, 4), (2, 3), (3, 6), (-2, 1)]
EVERY_ACCOUNT = """
SELECT allocation_id, account.subject, opened_ms, spent_micro, held_micro, granted_micro
FROM account JOIN allocation ON allocation.id = allocation_id WHERE ended_ms IS NULL
"""


@dataclass
class Clock:
    time_ms: int = START_MS

    def now_ms(self):
        return self.time_ms

    def monotonic_s(self):
        return 0.0


@dataclass(frozen=True)
class Mark:
    request_id: str
    prompt_tokens: int
    completion_tokens: int


def hasty(path):
    """Nobody cuts the power here, so nothing has to wait for the disk."""
    database = connect_writer(path)
    database.execute("PRAGMA synchronous = OFF")
    return database


@cache
def new_box() -> Path:
    """A database with people, made once."""
    folder = Path(tempfile.mkdtemp(prefix="ledger-model-"))
    store = Store.open(folder / "carrel.db", Clock(), connect=hasty)

    async def fill():
        await store.projects.add(Project("nlp", "Language group", START_MS))
        for name in ("ada", "bob"):
            sql = f"INSERT INTO person (id, name, created_ms) VALUES ('{name}', '{name}', 1)"
            await store._writer.run(lambda database, sql=sql: database.execute(sql))
        for caller in CALLERS:
            key = ApiKey(caller.key_id, "k", "abcd", caller.person_id, caller.project_id, 0, None, None)
            await store.keys.add(key, caller.key_id.encode().ljust(32))

    asyncio.run(fill())
    store.close()
    return folder / "carrel.db"


class LedgerMachine(RuleBasedStateMachine):
    requests = Bundle("requests")
    limits = Bundle("limits")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "carrel.db"
        shutil.copy(new_box(), self.path)
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.model = ModeledLedger()
        self.names = 0
        self.open()
        for project in ("default", "nlp"):
            ((total, _),) = self.do(self.store.allocations.standing(project))
            self.model.allocations[total.id] = total

    def open(self):
        self.store = Store.open(self.path, self.clock, connect=hasty)

    def do(self, work):
        return self.loop.run_until_complete(work)

    def fresh(self, prefix):
        self.names += 1
        return f"{prefix}_{self.names}"

    @rule(hours=st.sampled_from([1, 7, 24, 50, 24 * 9]))
    def time_passes(self, hours):
        self.clock.time_ms += hours * HOUR_MS

    @rule(
        target=limits,
        project=st.sampled_from(["nlp", "nlp", "default"]),
        scope=st.sampled_from(Scope),
        window=st.sampled_from(Window),
        limit=st.sampled_from([None, 0, 100, 150, 200]),
        data=st.data(),
    )
    def limit(self, project, scope, window, limit, data):
        subject = data.draw(st.sampled_from(SUBJECTS[scope]))
        term = [None, None]
        if window is Window.TERM:
            term = [START_MS + days * DAY_MS for days in data.draw(st.sampled_from(TERMS))]
        wanted = Allocation("", project, scope, subject, window, limit, *term)
        same = [one for one in self.model.allocations.values() if is_same(one, wanted)]
        try:
            made = self.do(self.store.allocations.set(wanted))
        except Conflict:
            assert any(overlaps(one, wanted) for one in self.model.allocations.values())
            return None
        assert [one.id for one in same] in ([], [made.id])
        self.model.allocations[made.id] = made
        return made.id

    @rule(name=consumes(limits))
    def remove_limit(self, name):
        one = self.model.allocations.get(name)
        if one is None:
            return
        if one.scope is Scope.PROJECT and one.window is Window.TOTAL:
            with pytest.raises(Conflict):
                self.do(self.store.allocations.end(name))
            return
        self.do(self.store.allocations.end(name))
        del self.model.allocations[name]

    @rule(
        target=requests,
        caller=st.sampled_from(CALLERS),
        model=st.sampled_from(MODELS),
        hold=st.sampled_from([0, 1, 50, 99, 100]),
        hours_ago=st.sampled_from([0, 0, 2]),
        resumable=st.sampled_from([False, False, False, True]),
    )
    def reserve(self, caller, model, hold, hours_ago, resumable):
        name = self.fresh("req")
        at_ms = self.clock.time_ms - hours_ago * HOUR_MS
        asked = Asked(name, caller, model, at_ms, hold, resumable)
        fits = self.model.fits(caller, model, hold, at_ms)
        try:
            self.do(self.store.ledger.reserve(hold_of(asked)))
        except BudgetExhausted:
            assert not fits
            return "req_refused"
        assert fits
        self.model.asked[name] = asked
        return name

    @rule(name=requests, tokens=st.integers(0, 60))
    def stream(self, name, tokens):
        self.do(self.store.ledger.mark([Mark(name, 3, tokens)]))
        request = self.model.asked.get(name)
        if request is not None and request.charged is None:
            request.marked = max(request.marked or 0, tokens)

    @rule(
        name=requests,
        gflop=st.sampled_from([0, 1, 49, 50, 250]),
        outcome=st.sampled_from(["completed", "failed", "cancelled"]),
    )
    def settle(self, name, gflop, outcome):
        self.do(self.store.ledger.settle(name, Outcome(outcome), Meters(gflop=gflop)))
        request = self.model.asked.get(name)
        if request is not None and request.charged is None:
            request.charged = min(gflop, request.hold)

    @rule(name=requests)
    def cancel_and_compute_again_later(self, name):
        self.do(self.store.ledger.release(name))
        request = self.model.asked.get(name)
        if request is not None and request.resumable and request.charged is None:
            del self.model.asked[name]

    @rule(name=requests, micro=st.sampled_from([None, 1, 50, 250]))
    def refund(self, name, micro):
        request = self.model.asked.get(name)
        if request is None:
            return
        try:
            self.do(self.store.adjustments.refund(name, micro, self.adjustment("refund")))
        except NotFound:
            assert request.folded
        except Conflict:
            assert request.charged is None or request.refunded
        except BadRequest:
            assert not request.charged or (micro or 0) > request.charged
        else:
            assert not request.refunded
            request.refunded = micro or request.charged

    @rule(project=st.sampled_from(["nlp", "default"]), micro=st.sampled_from([-50, 1, 50]))
    def correct(self, project, micro):
        kind = "bounty" if micro > 0 else "correction"
        self.do(self.store.adjustments.add(self.adjustment(kind, project, micro)))
        self.model.given.append(Given(project, micro, self.clock.time_ms))

    @rule(name=limits, micro=st.sampled_from([1, 50]), caller=st.sampled_from(CALLERS))
    def grant(self, name, micro, caller):
        one = self.model.allocations.get(name)
        if one is None or not one.runs(self.clock.time_ms):
            return
        whose = {Scope.PROJECT: one.project_id, Scope.PERSON: caller.holder, Scope.KEY: caller.key_id}
        subject = one.subject or whose.get(one.scope, "large")
        account = (one.id, subject, one.opens_ms(self.clock.time_ms))
        gift = replace(
            self.adjustment("grant", one.project_id, micro),
            allocation_id=one.id,
            subject=subject,
            opened_ms=account[2],
        )
        self.do(self.store.adjustments.add(gift))
        self.model.given.append(Given(one.project_id, micro, self.clock.time_ms, account))

    @rule()
    def old_rows_become_sums_of_their_day(self):
        before_ms = self.clock.time_ms - DAY_MS
        self.do(self.store.usage_folding.fold(before_ms, 100))
        for request in self.model.asked.values():
            done = request.charged is not None and not request.refunded
            request.folded = request.folded or (done and request.started_ms < before_ms)

    @rule()
    def crash_and_sweep(self):
        self.store.close()
        self.open()
        assert self.do(self.store.ledger.sweep()) == self.model.crash()

    @invariant()
    def every_account_equals_rows_and_model(self):
        rows = self.do(self.store._reader.run(lambda db: db.execute(EVERY_ACCOUNT).fetchall()))
        for allocation, subject, opened_ms, *sums in rows:
            expected = self.model.sums(self.model.allocations[allocation], subject, opened_ms)
            assert tuple(sums) == expected

    @invariant()
    def what_a_caller_is_told_equals_the_model(self):
        caller = CALLERS[self.names % len(CALLERS)]
        for account in self.do(self.store.allocations.of_caller(caller)):
            told = (account.spent_micro, account.held_micro, account.granted_micro)
            assert told == self.model.sums(account.allocation, account.subject, account.opened_ms)

    def teardown(self):
        self.store.close()
        self.loop.close()
        self.folder.cleanup()

    def adjustment(self, kind, project="", micro=0):
        made = Adjustment(self.fresh("adj"), AdjustmentKind(kind), project, micro, "why", "uid 0", 0)
        return replace(made, at_ms=self.clock.time_ms)


def is_same(one, wanted):
    fields = ("project_id", "scope", "subject", "window", "starts_ms", "ends_ms")
    return all(getattr(one, field) == getattr(wanted, field) for field in fields)


def overlaps(one, wanted):
    alike = replace(wanted, starts_ms=one.starts_ms, ends_ms=one.ends_ms)
    if wanted.window is not Window.TERM or not is_same(one, alike) or is_same(one, wanted):
        return False
    return one.starts_ms < wanted.ends_ms and wanted.starts_ms < one.ends_ms


def hold_of(asked):
    return Hold(
        request_id=asked.name,
        caller=asked.caller,
        model=ModelIdentity(asked.model, 1, "ab" * 32, "fake-1"),
        prompt_tokens=3,
        max_completion_tokens=60,
        gflop=asked.hold,
        gflop_of_prompt=PREFILL,
        gflop_per_token=PER_TOKEN,
        started_ms=asked.started_ms,
        resumable=asked.resumable,
    )


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestLedgerAtLength(LedgerMachine.TestCase):
    """Five hundred lives in the long form, else a quarter of them."""

    settings = settings(
        max_examples=rounds(500),
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
