"""Versions of restrictions and the log of decisions on the disk."""

import sqlite3

import pytest

from appliance.domain.decision import Decided, DecisionCount
from appliance.domain.rates import DayUse
from appliance.domain.restriction import Limits, Scope
from appliance.domain.usage import Meters, Outcome
from tests.store.conftest import NOON_MS

MINUTE_MS = 60_000
OPT = Scope("model", "opt")


async def test_the_release_restricts_the_strictest_tier(store):
    (one,) = await store.restrictions.latest()
    assert (one.name, one.by) == ("tier:restricted@1", "release")
    assert one.limits == Limits(max_tokens=512, n=2, logprobs=5, requests_per_day=600)


async def test_versions_count_up_for_each_scope_and_all_are_kept(store):
    first = await store.restrictions.add(OPT, Limits(n=1), why="a", by="uid 0", now_ms=5)
    await store.restrictions.add(Scope("all"), Limits(n=2), why="b", by="uid 0", now_ms=6)
    last = await store.restrictions.add(OPT, Limits(), why="c", by="uid 1", now_ms=7, removed=True)
    assert (first.version, last.version) == (1, 2)
    assert await store.restrictions.history(OPT) == [last, first]
    latest = {one.scope.id: one for one in await store.restrictions.latest()}
    assert latest.keys() == {"all", "model:opt", "tier:restricted"}
    assert latest["model:opt"] == last


@pytest.mark.parametrize("statement", ["UPDATE restriction SET why = 'x'", "DELETE FROM restriction"])
async def test_no_version_is_ever_changed_or_deleted(store, statement):
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        await store._writer.run(lambda database: database.execute(statement))


def decided(minute=0, **changed):
    values = {
        "minute_ms": NOON_MS + minute * MINUTE_MS,
        "verdict": "refused",
        "gate": "restrictions",
        "rule": "n",
        "restriction": "all@1",
        "key": "key_1",
        "person": "ada",
        "project": "course",
        "model": "opt",
    }
    return Decided(**(values | changed))


async def test_the_same_decision_within_a_minute_is_counted(store):
    for last_ms in (9, 8):
        await store.decisions.add(
            [DecisionCount(decided(), 2, last_ms), DecisionCount(decided(1), 1, last_ms)]
        )
    found = await store.decisions.list(since_ms=0, limit=10)
    assert [(one.decided, one.count, one.last_ms) for one in found] == [
        (decided(), 4, 9),
        (decided(1), 2, 9),
    ]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"person": "bob"}, ["bob"]),
        ({"project": "lab"}, ["lab"]),
        ({"model": "tiny"}, ["tiny"]),
        ({"rule": "hours"}, ["hours"]),
        ({"rule": "hold"}, ["hold"]),
        ({"rule": "nothing"}, []),
        ({}, ["hold", "hours", "tiny", "lab", "bob"]),
        ({"limit": 1}, ["hold"]),
    ],
)
async def test_decisions_are_found_by_whom_what_and_why(store, where, names):
    some = {
        "bob": decided(person="bob"),
        "lab": decided(project="lab"),
        "tiny": decided(model="tiny"),
        "hours": decided(rule="hours"),
        "hold": decided(gate="hold"),
    }
    await store.decisions.add([DecisionCount(one, 1, n) for n, one in enumerate(some.values())])
    found = await store.decisions.list(**{"since_ms": NOON_MS, "limit": 10, **where})
    assert [one.decided for one in found] == [some[name] for name in names]


async def test_decisions_are_listed_from_a_moment_on(store):
    await store.decisions.add([DecisionCount(decided(n), 1, n) for n in range(3)])
    assert await store.decisions.list(since_ms=NOON_MS + 3 * MINUTE_MS, limit=10) == []
    (left,) = await store.decisions.list(since_ms=NOON_MS + 2 * MINUTE_MS, limit=10)
    assert left.decided == decided(2)


async def test_what_was_used_of_a_day_is_read_from_the_ledger(store, caller, make_hold):
    await store.ledger.reserve(make_hold("req_0", caller=caller, started_ms=NOON_MS - 1))
    for name in ("req_1", "req_2"):
        await store.ledger.reserve(make_hold(name, caller=caller))
    await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(prompt_tokens=10, completion_tokens=4))
    (use,) = await store.day_use.since(NOON_MS)
    assert use == DayUse("key_1", "key_1", "default", "handbook-tiny", 2, 14)
