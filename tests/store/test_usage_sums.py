"""Sums over settled rows by model, project, key and day."""

import pytest

from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller, Project
from appliance.domain.usage import Grouping, Meters, Outcome
from appliance.services.recording import OF_EACH_REQUEST

DAY_MS = 86_400_000


@pytest.fixture
async def used(store, make_key, make_hold, clock):
    """Three settled requests and one that runs."""
    await store.projects.add(Project("nlp", "Language group", clock.now_ms()))
    await store.keys.add(make_key("key_1"), bytes(32))
    await store.keys.add(make_key("key_2", project="nlp"), bytes(31) + b"x")
    requests = [
        ("req_1", "default", "key_1", "small", 0),
        ("req_2", "nlp", "key_2", "small", DAY_MS),
        ("req_3", "nlp", "key_2", "large", DAY_MS),
        ("req_4", "nlp", "key_2", "large", DAY_MS),
    ]
    for name, project, key, model, age_ms in requests:
        hold = make_hold(
            name,
            caller=Caller(key, "default", project),
            model=ModelIdentity(model, 1, "ab" * 32, "fake-1"),
            started_ms=clock.now_ms() - age_ms,
        )
        await store.ledger.reserve(hold)
    for name in ("req_1", "req_2", "req_3"):
        await store.ledger.settle(name, Outcome.COMPLETED, Meters(10, 4, 5, 3, 6, 50))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (Grouping.MODEL, {"large": 1, "small": 2}),
        (Grouping.PROJECT, {"default": 1, "nlp": 2}),
        (Grouping.KEY, {"key_1": 1, "key_2": 2}),
        (Grouping.DAY, {"2026-09-20": 2, "2026-09-21": 1}),
        (Grouping.HOUR, {"2026-09-20 14:00": 2, "2026-09-21 14:00": 1}),
    ],
)
async def test_requests_are_summed_by(store, used, by, expected):
    sums = await store.usage.sums(by=by, since_ms=0)
    assert {one.group: one.requests for one in sums} == expected
    assert [one.meters.gflop for one in sums] == [50 * one.requests for one in sums]


async def test_every_meter_is_summed(store, used):
    (total,) = await store.usage.sums(by=Grouping.PROJECT, since_ms=0, project_id="nlp")
    assert total.meters == Meters(20, 8, 10, 6, 12, 100)


async def test_older_requests_are_left_out(store, used, clock):
    sums = await store.usage.sums(by=Grouping.KEY, since_ms=clock.now_ms())
    assert [one.group for one in sums] == ["key_1"]


async def test_own_sums_are_of_the_key_while_all_keys_share_the_first_person(store, used):
    own = await store.usage.own_sums(Caller("key_2", "default", "nlp"), 0)
    assert {one.group: one.requests for one in own} == {"large": 1, "small": 1}
    other = await store.usage.own_sums(Caller("key_1", "default", "default"), 0)
    assert {one.group: one.requests for one in other} == {"small": 1}
    assert list(await store.usage.own_sums(Caller("key_3", "default", "nlp"), 0)) == []


async def test_own_sums_of_a_person_are_of_all_their_keys_in_one_project_and_of_nobody_elses(store, used):
    for statement in (
        "INSERT INTO person (id, name, created_ms) VALUES ('ada', 'Ada', 1)",
        "UPDATE usage SET person_id = 'ada' WHERE request_id <> 'req_1'",
    ):
        await store._writer.run(lambda database, statement=statement: database.execute(statement))
    ada = await store.usage.own_sums(Caller("another_key", "ada", "nlp"), 0)
    assert {one.group: one.requests for one in ada} == {"large": 1, "small": 1}
    assert list(await store.usage.own_sums(Caller("another_key", "ada", "default"), 0)) == []
    assert list(await store.usage.own_sums(Caller("key_2", "bob", "nlp"), 0)) == []


async def test_own_days_are_of_the_same_caller_alone_day_by_day(store, used, clock):
    own = await store.usage.own_days(Caller("key_2", "default", "nlp"), 0)
    assert [(one.group, one.requests) for one in own] == [("2026-09-20", 2)]
    other = await store.usage.own_days(Caller("key_1", "default", "default"), 0)
    assert [(one.group, one.requests) for one in other] == [("2026-09-21", 1)]
    assert list(await store.usage.own_days(Caller("key_2", "default", "nlp"), clock.now_ms())) == []


async def test_own_sums_leave_out_what_is_older(store, used, clock):
    own = await store.usage.own_sums(Caller("key_2", "default", "nlp"), clock.now_ms())
    assert list(own) == []


async def test_what_a_caller_is_told_to_be_recorded_is_what_is_recorded(store, used):
    rows = await store._reader.run(lambda database: list(database.query("SELECT * FROM usage LIMIT 1")))
    computed = {"crash_gflop"}
    assert set(OF_EACH_REQUEST) == set(rows[0]) - computed


async def test_a_project_that_used_nothing_has_no_line(store, used):
    assert list(await store.usage.sums(by=Grouping.MODEL, since_ms=0, project_id="nobody")) == []
