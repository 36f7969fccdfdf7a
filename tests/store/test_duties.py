"""What was done about duties, when levels were reached, what was trained, and what a year has used."""

from dataclasses import replace

import pytest

from appliance.domain.duties import DutyRecord, Level, ModelUse, ReachedLevel, TrainingRecord
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller
from appliance.domain.usage import Meters, Outcome
from appliance.errors import Conflict

SUBMITTED = DutyRecord(
    "dut_1",
    "default",
    "extended-review",
    "Ada",
    "per_ada",
    5,
    evidence="Minutes of the board",
    sha256="ab" * 32,
    answers={"govern-1": "Ada may."},
    version=1,
)
ACCEPTED = replace(SUBMITTED, accepted_by="uid 0", accepted_ms=9, until_ms=99, self_approved=True)


async def test_a_record_is_kept_as_it_was_written_and_as_it_was_accepted(store):
    await store.duties.add(SUBMITTED)
    assert await store.duties.records() == [SUBMITTED]
    await store.duties.accept(ACCEPTED)
    assert await store.duties.records() == [ACCEPTED]


async def test_one_that_is_accepted_at_once_is_kept_whole(store):
    await store.duties.add(ACCEPTED)
    assert await store.duties.records() == [ACCEPTED]


async def test_what_was_taken_back_stays_with_who_and_why(store):
    taken = replace(ACCEPTED, withdrawn_by="uid 0", withdrawn_ms=50, reason="The report was another one.")
    await store.duties.add(ACCEPTED)
    await store.duties.withdraw(taken)
    assert await store.duties.records() == [taken]


async def test_nothing_is_decided_twice(store):
    await store.duties.add(SUBMITTED)
    await store.duties.accept(ACCEPTED)
    with pytest.raises(Conflict):
        await store.duties.accept(replace(ACCEPTED, accepted_by="uid 7"))
    taken = replace(ACCEPTED, withdrawn_by="uid 0", withdrawn_ms=50)
    await store.duties.withdraw(taken)
    with pytest.raises(Conflict):
        await store.duties.withdraw(replace(taken, withdrawn_by="uid 7"))
    assert await store.duties.records() == [taken]


async def test_a_level_keeps_the_first_time_of_each_year(store):
    first = ReachedLevel("default", 1000, Level.D1, 5)
    await store.duties.reach([first, ReachedLevel("default", 1000, Level.D2, 5)])
    await store.duties.reach([replace(first, reached_ms=9), replace(first, year_ms=2000, reached_ms=7)])
    assert await store.duties.levels() == [
        first,
        ReachedLevel("default", 1000, Level.D2, 5),
        replace(first, year_ms=2000, reached_ms=7),
    ]


async def test_training_is_kept_and_can_be_taken_back_once(store):
    done = TrainingRecord("trn_1", "default", 10**15, "An adapter for dialects", "uid 0", 5)
    await store.duties.train(done)
    assert await store.duties.trainings() == [done]
    await store.duties.untrain("trn_1", 7)
    await store.duties.untrain("trn_1", 8)
    assert await store.duties.trainings() == [replace(done, withdrawn_ms=7)]


@pytest.fixture
def used(store, make_key, make_hold, clock):
    async def use(name, model, gflop, *, age_ms=0, settled=True, kind="inference"):
        hold = make_hold(
            name,
            caller=Caller("key_1", "default", "default"),
            model=ModelIdentity(model, 1, "ab" * 32, "fake-1"),
            started_ms=clock.now_ms() - age_ms,
            kind=kind,
        )
        await store.ledger.reserve(hold)
        if settled:
            await store.ledger.settle(name, Outcome.COMPLETED, Meters(gflop=gflop))

    return use


async def test_use_is_summed_by_model_from_a_time_of_each_project_on(store, caller, used, clock):
    await used("req_1", "small", 10)
    await used("req_2", "small", 20)
    await used("req_3", "large", 40)
    await used("req_4", "large", 100, age_ms=1001)
    await used("req_5", "large", 7, settled=False)
    await used("req_6", "large", 3, kind="training")
    found = await store.year_use.sums({"default": clock.now_ms() - 1000, "nobody": 0})
    assert sorted(found, key=lambda one: one.gflop) == [
        ModelUse("default", "large", 3, "training"),
        ModelUse("default", "small", 30),
        ModelUse("default", "large", 40),
    ]


async def test_the_sum_goes_by_the_index_of_projects(store):
    from appliance.store.year_use import _SUMS

    plan = await store._reader.run(
        lambda database: [
            row["detail"] for row in database.query(f"EXPLAIN QUERY PLAN {_SUMS}", {"since_ms": "{}"})
        ]
    )
    assert any("usage_project" in line for line in plan), plan
