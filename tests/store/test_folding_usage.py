"""Old rows become sums of a day; nobody's sums and nobody's budget change by it."""

import itertools
import random

import pytest

from appliance.domain.adjustment import Adjustment, AdjustmentKind
from appliance.domain.allocation import Allocation, Scope, Window
from appliance.domain.people import Caller
from appliance.domain.usage import Grouping, Meters, Outcome

DAY_MS = 86_400_000
ADA = Caller("key_a", "ada", "nlp")
BOB = Caller("key_b", "bob", "nlp")
NOBODY = Caller("key_1", "default", "default")


@pytest.fixture
async def used(store, clock, make_key, make_hold):
    """Requests of three callers on 12 days, some of them failed, one refunded, one running."""
    from appliance.domain.people import Person, Project

    await store.projects.add(Project("nlp", "", 1))
    for name in ("ada", "bob"):
        await store.people.add(Person(name, "", 1))
    for number, caller in enumerate((ADA, BOB, NOBODY)):
        key = make_key(caller.key_id, caller.project_id, person_id=caller.person_id)
        await store.keys.add(key, bytes([number]) * 32)
    drawn, today_ms = random.Random(7), clock.now_ms() // DAY_MS * DAY_MS
    for number, day in itertools.product(range(5), range(12)):
        caller = drawn.choice((ADA, BOB, NOBODY))
        clock.time_ms = today_ms - day * DAY_MS + drawn.randrange(DAY_MS)
        hold = make_hold(f"req_{day}_{number}", caller=caller, gflop=1000, started_ms=clock.time_ms)
        await store.ledger.reserve(hold)
        outcome = drawn.choice((Outcome.COMPLETED, Outcome.FAILED))
        meters = Meters(
            drawn.randrange(9), 1, drawn.randrange(9), 5, 9, drawn.randrange(1000), energy_mj=number or None
        )
        await store.ledger.settle(hold.request_id, outcome, meters)
    clock.time_ms = today_ms + DAY_MS // 2
    await store.ledger.reserve(make_hold("req_running", caller=ADA, started_ms=today_ms - 11 * DAY_MS))
    return today_ms


async def everything(store, since_ms):
    # The hour is what folding forgets.
    sums = [await store.usage.sums(by=by, since_ms=since_ms) for by in Grouping if by is not Grouping.HOUR]
    own = [await store.usage.own_sums(caller, since_ms) for caller in (ADA, BOB, NOBODY)]
    budgets = [await store.budgets.get(project) for project in ("default", "nlp")]
    return sums, own, budgets


async def test_no_sum_and_no_budget_changes(store, used, rows):
    since = [0, used - 10 * DAY_MS, used - 3 * DAY_MS]
    before = [await everything(store, since_ms) for since_ms in since]
    count = len(await rows())
    assert await store.usage_folding.fold(used - 5 * DAY_MS, 1000) == count - 1 - 5 * 6
    assert [await everything(store, since_ms) for since_ms in since] == before


async def test_folding_in_steps_is_folding_at_once(store, used):
    before = await everything(store, 0)
    steps = [await store.usage_folding.fold(used - 5 * DAY_MS, 7) for _ in range(6)]
    assert steps == [7, 7, 7, 7, 2, 0]
    assert await everything(store, 0) == before


async def test_what_runs_and_what_was_refunded_stays_a_row(store, used, rows):
    refund = Adjustment(
        id="adj_1",
        kind=AdjustmentKind.REFUND,
        project_id="nlp",
        micro=1,
        reason="outage",
        actor="uid 0",
        at_ms=used,
    )
    refunded = next(row for row in await rows() if row["gflop"] > 0 and row["outcome"] != "held")
    await store.adjustments.refund(refunded["request_id"], None, refund)
    while await store.usage_folding.fold(used + DAY_MS, 1000):
        pass
    assert {row["request_id"] for row in await rows()} == {"req_running", refunded["request_id"]}


async def test_a_budget_that_is_made_later_counts_what_was_folded(store, used, make_hold):
    wanted = Allocation("alc_1", "nlp", Scope.PERSON, "ada", Window.TOTAL, 10**9, created_ms=used)
    spent = sum(one.meters.gflop for one in await store.usage.own_sums(ADA, 0))
    assert spent > 0
    await store.usage_folding.fold(used + DAY_MS, 1000)
    await store.allocations.set(wanted)
    await store.ledger.reserve(make_hold("req_new", caller=ADA, started_ms=used))
    standing = await store.allocations.standing("nlp")
    (account,) = [
        account for allocation, found in standing if allocation.subject == "ada" for account in found
    ]
    assert account.spent_micro == spent


async def test_a_year_of_a_project_has_the_days_that_were_folded(store, used):
    def total(found):
        return sum(one.gflop for one in found)

    since = {"nlp": used - 8 * DAY_MS}
    before = total(await store.year_use.sums(since))
    await store.usage_folding.fold(used - 2 * DAY_MS, 1000)
    assert total(await store.year_use.sums(since)) == before > 0


async def test_what_is_folded_is_told_at_the_first_hour_of_its_day(store, used):
    before = await store.usage.sums(by=Grouping.DAY, since_ms=0)
    assert await store.usage_folding.fold(used + DAY_MS, 1000) > 0
    hours = [
        one for one in await store.usage.sums(by=Grouping.HOUR, since_ms=0) if one.group.endswith(" 00:00")
    ]
    assert sum(one.requests for one in hours) >= sum(one.requests for one in before) - 1
