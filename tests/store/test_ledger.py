"""Reserve, mark, settle: each request's row and its project's account move together."""

from dataclasses import dataclass

import pytest

from appliance.domain.people import Caller
from appliance.domain.usage import FLOP_METHOD, Budget, Meters, Outcome
from appliance.errors import BudgetExhausted, Conflict, NotFound

USED = Meters(prompt_tokens=10, cached_tokens=4, completion_tokens=7, gpu_ms=30, wall_ms=45, gflop=70)


@dataclass(frozen=True)
class Mark:
    request_id: str
    prompt_tokens: int
    completion_tokens: int


async def test_a_reservation_is_held_from_the_budget(store, caller, make_hold, rows):
    await store.ledger.reserve(make_hold(gflop=100))
    assert await store.budgets.get("default") == Budget("default", None, 0, 100)
    assert [(row["request_id"], row["outcome"], row["gflop"]) for row in await rows()] == [
        ("req_1", "held", 0)
    ]


async def test_a_settled_row_says_who_what_when_and_how_much(store, caller, make_hold, rows, clock):
    await store.ledger.reserve(make_hold())
    clock.time_ms += 45
    await store.ledger.settle("req_1", Outcome.COMPLETED, USED)
    (row,) = await rows()
    expected = {
        "seq": 1, "request_id": "req_1", "key_id": "key_1", "person_id": "default", "project_id": "default",
        "model_id": "handbook-tiny", "recipe_revision": 3, "file_sha256": "ab" * 32, "engine_build": "fake-1",
        "started_ms": clock.time_ms - 45, "ended_ms": clock.time_ms, "outcome": "completed",
        "prompt_tokens": 10, "cached_tokens": 4, "completion_tokens": 7, "gpu_ms": 30, "wall_ms": 45,
        "gflop": 70, "flop_method": FLOP_METHOD,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


async def test_settling_charges_what_was_used_and_releases_the_rest(store, caller, make_hold):
    await store.ledger.reserve(make_hold(gflop=100))
    await store.ledger.settle("req_1", Outcome.COMPLETED, USED)
    assert await store.budgets.get("default") == Budget("default", None, 70, 0)


async def test_settling_twice_charges_once_and_the_first_time_counts(store, caller, make_hold, rows):
    await store.ledger.reserve(make_hold(gflop=100))
    await store.ledger.settle("req_1", Outcome.COMPLETED, USED)
    await store.ledger.settle("req_1", Outcome.FAILED, Meters(gflop=5))
    assert await store.budgets.get("default") == Budget("default", None, 70, 0)
    assert [(row["outcome"], row["gflop"]) for row in await rows()] == [("completed", 70)]


async def test_settling_what_was_never_held_changes_nothing(store, caller, rows):
    await store.ledger.settle("req_9", Outcome.COMPLETED, USED)
    assert await store.budgets.get("default") == Budget("default", None, 0, 0)
    assert await rows() == []


async def test_more_than_the_hold_is_never_charged(store, caller, make_hold, rows):
    await store.ledger.reserve(make_hold(gflop=50))
    await store.ledger.settle("req_1", Outcome.COMPLETED, USED)
    assert await store.budgets.get("default") == Budget("default", None, 50, 0)
    assert [row["gflop"] for row in await rows()] == [50]


async def test_the_last_credit_can_be_spent_and_not_one_more(store, caller, make_hold):
    await store.budgets.set_limit("default", 200)
    await store.ledger.reserve(make_hold("req_1", gflop=100))
    await store.ledger.reserve(make_hold("req_2", gflop=100))
    with pytest.raises(BudgetExhausted):
        await store.ledger.reserve(make_hold("req_3", gflop=1))


async def test_a_refused_reservation_leaves_no_trace(store, caller, make_hold, rows):
    await store.budgets.set_limit("default", 99)
    with pytest.raises(BudgetExhausted):
        await store.ledger.reserve(make_hold(gflop=100))
    assert await store.budgets.get("default") == Budget("default", 99, 0, 0)
    assert await rows() == []


async def test_trying_later_is_advised_only_where_holds_are_in_the_way(store, caller, make_hold):
    await store.budgets.set_limit("default", 100)
    await store.ledger.reserve(make_hold("req_1", gflop=60))
    with pytest.raises(BudgetExhausted) as held_up:
        await store.ledger.reserve(make_hold("req_2", gflop=60))
    with pytest.raises(BudgetExhausted) as hopeless:
        await store.ledger.reserve(make_hold("req_3", gflop=101))
    assert held_up.value.retry_after_s == 5
    assert hopeless.value.retry_after_s is None


async def test_a_limit_below_what_is_spent_stops_new_requests_only(store, caller, make_hold):
    await store.ledger.reserve(make_hold("req_1", gflop=100))
    await store.budgets.set_limit("default", 10)
    with pytest.raises(BudgetExhausted):
        await store.ledger.reserve(make_hold("req_2", gflop=1))
    await store.ledger.settle("req_1", Outcome.COMPLETED, USED)
    assert await store.budgets.get("default") == Budget("default", 10, 70, 0)


async def test_a_request_id_is_accounted_once(store, caller, make_hold):
    await store.ledger.reserve(make_hold(gflop=100))
    with pytest.raises(Conflict):
        await store.ledger.reserve(make_hold(gflop=100))
    assert await store.budgets.get("default") == Budget("default", None, 0, 100)


async def test_a_project_without_account_cannot_hold(store, caller, make_hold):
    with pytest.raises(NotFound):
        await store.ledger.reserve(make_hold(caller=Caller("key_1", "default", "nobody")))


async def test_the_sweep_charges_what_was_marked_and_releases_the_rest(store, caller, make_hold, rows):
    for name in ("unmarked", "marked", "past its hold", "done"):
        await store.ledger.reserve(make_hold(name, gflop=100))
    await store.ledger.mark([Mark("marked", 10, 3), Mark("past its hold", 10, 19)])
    await store.ledger.settle("done", Outcome.COMPLETED, USED)
    assert await store.ledger.sweep() == 3
    assert [(row["request_id"], row["outcome"], row["gflop"]) for row in await rows()] == [
        ("unmarked", "crashed", 0),
        ("marked", "crashed", 40 + 3 * 5),
        ("past its hold", "crashed", 100),
        ("done", "completed", 70),
    ]
    assert await store.budgets.get("default") == Budget("default", None, 55 + 100 + 70, 0)


async def test_sweeping_twice_charges_once(store, caller, make_hold):
    await store.ledger.reserve(make_hold())
    await store.ledger.mark([Mark("req_1", 10, 3)])
    assert [await store.ledger.sweep(), await store.ledger.sweep()] == [1, 0]
    assert (await store.budgets.get("default")).spent_micro == 55


async def test_a_mark_never_goes_back_and_never_changes_a_settled_row(store, caller, make_hold, rows):
    await store.ledger.reserve(make_hold())
    await store.ledger.mark([Mark("req_1", 10, 5), Mark("req_1", 10, 3), Mark("unknown", 1, 1)])
    assert [(row["prompt_tokens"], row["completion_tokens"]) for row in await rows()] == [(10, 5)]
    await store.ledger.settle("req_1", Outcome.CANCELLED, USED)
    await store.ledger.mark([Mark("req_1", 10, 19)])
    assert [row["completion_tokens"] for row in await rows()] == [7]
