"""Two hundred at once over the last few credits: never one micro-credit too many, whatever limits them."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from appliance.domain.allocation import Allocation, Scope, Window
from appliance.domain.people import Caller
from appliance.domain.usage import Meters, Outcome
from appliance.errors import BudgetExhausted

LIMIT = 1000
THREADS = 200
CALLERS = [Caller(f"key_{number}", "default", "default") for number in range(4)]
SUBJECTS = {Scope.PROJECT: "", Scope.PERSON: "key_1", Scope.KEY: "key_1", Scope.MODEL: "handbook-tiny"}


@pytest.fixture
async def callers(store, make_key):
    for number, one in enumerate(CALLERS):
        await store.keys.add(make_key(one.key_id), bytes(31) + bytes([number]))
    return CALLERS


def limit(scope, window, clock, micro=LIMIT, subject=None):
    term = (clock.now_ms() - 5, clock.now_ms() + 5) if window is Window.TERM else (None, None)
    subject = SUBJECTS[scope] if subject is None else subject
    return Allocation("", "default", scope, subject, window, micro, *term)


def try_to(work):
    """In a thread and an event loop of its own; whether there was room."""
    try:
        asyncio.run(work)
    except BudgetExhausted:
        return False
    return True


async def sums(store):
    found = [one for _, accounts in await store.allocations.standing("default") for one in accounts]
    return [one for one in found if one.allocation.limit_micro is not None]


@pytest.mark.slow
@pytest.mark.parametrize("limited", [(scope, window) for scope in Scope for window in Window])
@pytest.mark.usefixtures("callers")
async def test_two_hundred_threads_never_overspend(store, make_hold, clock, limited):
    await store.allocations.set(limit(*limited, clock))
    holds = [make_hold(f"req_{number}", caller=CALLERS[1], gflop=37) for number in range(THREADS)]

    def race():
        with ThreadPoolExecutor(THREADS) as threads:
            return list(threads.map(lambda hold: try_to(store.ledger.reserve(hold)), holds))

    taken = await asyncio.to_thread(race)
    assert sum(taken) == LIMIT // 37
    (account,) = await sums(store)
    assert (account.spent_micro, account.held_micro) == (0, LIMIT // 37 * 37)


async def test_two_hundred_reservations_at_once_never_overspend(store, caller, make_hold):
    await store.budgets.set_limit("default", LIMIT)
    holds = [make_hold(f"req_{number}", gflop=37) for number in range(200)]
    results = await asyncio.gather(*map(store.ledger.reserve, holds), return_exceptions=True)
    refused = [result for result in results if result is not None]
    assert all(isinstance(result, BudgetExhausted) for result in refused)
    assert 200 - len(refused) == LIMIT // 37
    budget = await store.budgets.get("default")
    assert (budget.spent_micro, budget.held_micro) == (0, LIMIT // 37 * 37)


@pytest.mark.usefixtures("callers")
async def test_under_all_limits_at_once_none_is_overspent_and_none_is_taken_from_alone(
    store, make_hold, clock
):
    await store.budgets.set_limit("default", 4 * LIMIT)
    for scope in (Scope.PERSON, Scope.KEY, Scope.MODEL):
        for window in Window:
            await store.allocations.set(limit(scope, window, clock, 3 * LIMIT, subject=""))
    await store.allocations.set(limit(Scope.PERSON, Window.DAY, clock))
    chance = random.Random(5)
    worst = 0

    async def live(number):
        nonlocal worst
        hold = make_hold(f"req_{number}", caller=chance.choice(CALLERS), gflop=chance.randint(1, 90))
        try:
            await store.ledger.reserve(hold)
        except BudgetExhausted:
            return (hold.caller, 0)
        for account in await sums(store):
            left = account.allocation.limit_micro - account.spent_micro - account.held_micro
            each = account.allocation.scope is Scope.PERSON and account.allocation.subject == ""
            if not (each and account.allocation.window is Window.DAY and account.subject == "key_1"):
                worst = min(worst, left)
        used = chance.randint(0, hold.gflop)
        await store.ledger.settle(hold.request_id, Outcome.COMPLETED, Meters(gflop=used))
        return (hold.caller, used)

    used = await asyncio.gather(*(live(number) for number in range(200)))
    assert worst == 0
    whole = sum(micro for _, micro in used)
    by_key = {one.key_id: sum(micro for caller, micro in used if caller == one) for one in CALLERS}
    expected = {Scope.PROJECT: whole, Scope.MODEL: whole}
    for account in await sums(store):
        own = expected.get(account.allocation.scope, by_key.get(account.subject))
        assert (account.spent_micro, account.held_micro) == (own, 0)
    assert whole > LIMIT


async def test_requests_that_come_and_go_never_overspend(store, caller, make_hold):
    await store.budgets.set_limit("default", LIMIT)
    chance = random.Random(7)
    worst = 0

    async def live(number):
        nonlocal worst
        hold = make_hold(f"req_{number}", gflop=chance.randint(1, 90))
        try:
            await store.ledger.reserve(hold)
        except BudgetExhausted:
            return 0
        budget = await store.budgets.get("default")
        worst = max(worst, budget.spent_micro + budget.held_micro)
        used = chance.randint(0, hold.gflop)
        await store.ledger.settle(hold.request_id, Outcome.COMPLETED, Meters(gflop=used))
        return used

    used = await asyncio.gather(*(live(number) for number in range(200)))
    budget = await store.budgets.get("default")
    assert worst <= LIMIT
    assert (budget.spent_micro, budget.held_micro) == (sum(used), 0)
    assert budget.spent_micro <= LIMIT
