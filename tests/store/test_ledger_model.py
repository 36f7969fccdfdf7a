"""The ledger against a few lines of arithmetic, under any order of reserve, mark, settle, limit and crash."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from appliance.domain.model import ModelIdentity
from appliance.domain.people import ApiKey, Caller
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.errors import BudgetExhausted
from appliance.store.store import Store

PREFILL, PER_TOKEN = 7, 2
SUMS = """
SELECT coalesce(sum(gflop), 0), coalesce(sum(hold_gflop) FILTER (WHERE outcome = 'held'), 0) FROM usage
"""


class StillClock:
    def now_ms(self):
        return 1_790_000_000_000

    def monotonic_s(self):
        return 0.0


@dataclass
class Modeled:
    """What the ledger should know of one request."""

    hold: int
    marked: int | None = None
    charged: int | None = None

    def crash_charge(self):
        return 0 if self.marked is None else min(self.hold, PREFILL + self.marked * PER_TOKEN)


@dataclass(frozen=True)
class Mark:
    request_id: str
    prompt_tokens: int
    completion_tokens: int


class LedgerMachine(RuleBasedStateMachine):
    requests = Bundle("requests")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "carrel.db"
        self.loop = asyncio.new_event_loop()
        self.limit = None
        self.model = {}
        self.store = Store.open(self.path, StillClock())
        key = ApiKey("key_1", "k", "abcd", "default", "default", 0, None, None)
        self.do(self.store.keys.add(key, bytes(32)))

    def do(self, work):
        return self.loop.run_until_complete(work)

    @property
    def spent(self):
        return sum(one.charged or 0 for one in self.model.values())

    @property
    def held(self):
        return sum(one.hold for one in self.model.values() if one.charged is None)

    @rule(limit=st.none() | st.integers(0, 500))
    def limit_budget(self, limit):
        self.limit = limit
        self.do(self.store.budgets.set_limit("default", limit))

    @rule(target=requests, hold=st.integers(0, 200))
    def reserve(self, hold):
        name = f"req_{len(self.model)}"
        fits = self.limit is None or self.spent + self.held + hold <= self.limit
        try:
            self.do(self.store.ledger.reserve(self.hold_of(name, hold)))
        except BudgetExhausted:
            assert not fits
            return "req_refused"
        assert fits
        self.model[name] = Modeled(hold)
        return name

    @rule(name=requests, tokens=st.integers(0, 60))
    def mark(self, name, tokens):
        self.do(self.store.ledger.mark([Mark(name, 3, tokens)]))
        request = self.model.get(name)
        if request is not None and request.charged is None:
            request.marked = max(request.marked or 0, tokens)

    @rule(
        name=requests,
        gflop=st.integers(0, 250),
        outcome=st.sampled_from(["completed", "failed", "cancelled"]),
    )
    def settle(self, name, gflop, outcome):
        self.do(self.store.ledger.settle(name, Outcome(outcome), Meters(gflop=gflop)))
        request = self.model.get(name)
        if request is not None and request.charged is None:
            request.charged = min(gflop, request.hold)

    @rule()
    def crash_and_sweep(self):
        self.store.close()
        self.store = Store.open(self.path, StillClock())
        held = [one for one in self.model.values() if one.charged is None]
        assert self.do(self.store.ledger.sweep()) == len(held)
        for request in held:
            request.charged = request.crash_charge()

    @invariant()
    def account_equals_rows_and_model(self):
        budget = self.do(self.store.budgets.get("default"))
        assert (budget.spent_micro, budget.held_micro) == (self.spent, self.held)
        charged = self.do(self.store._reader.run(lambda db: db.execute(SUMS).fetchone()))
        assert charged == (budget.spent_micro, budget.held_micro)

    def teardown(self):
        self.store.close()
        self.loop.close()
        self.folder.cleanup()

    @staticmethod
    def hold_of(name, gflop):
        return Hold(
            request_id=name,
            caller=Caller("key_1", "default", "default"),
            model=ModelIdentity("handbook-tiny", 1, "ab" * 32, "fake-1"),
            prompt_tokens=3,
            max_completion_tokens=60,
            gflop=gflop,
            gflop_of_prompt=PREFILL,
            gflop_per_token=PER_TOKEN,
            started_ms=0,
        )


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestLedgerAtLength(LedgerMachine.TestCase):
    settings = settings(
        max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
