"""Sums over settled rows by model, project, key and day."""

import pytest

from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller, Project
from appliance.domain.usage import Grouping, Meters, Outcome

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


async def test_a_project_that_used_nothing_has_no_line(store, used):
    assert list(await store.usage.sums(by=Grouping.MODEL, since_ms=0, project_id="nobody")) == []
