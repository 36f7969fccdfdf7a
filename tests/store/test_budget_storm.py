"""Two hundred at once over the last few credits: never one too many."""

import asyncio
import random

from appliance.domain.usage import Meters, Outcome
from appliance.errors import BudgetExhausted

LIMIT = 1000


async def test_two_hundred_reservations_at_once_never_overspend(store, caller, make_hold):
    await store.budgets.set_limit("default", LIMIT)
    holds = [make_hold(f"req_{number}", gflop=37) for number in range(200)]
    results = await asyncio.gather(*map(store.ledger.reserve, holds), return_exceptions=True)
    refused = [result for result in results if result is not None]
    assert all(isinstance(result, BudgetExhausted) for result in refused)
    assert 200 - len(refused) == LIMIT // 37
    budget = await store.budgets.get("default")
    assert (budget.spent_micro, budget.held_micro) == (0, LIMIT // 37 * 37)


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
