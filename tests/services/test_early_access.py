"""A model for a named group of a few dozen, until a day."""

import pytest

from appliance.errors import BadRequest, ModelNotFound, NotFound, NotPermitted
from tests.services.access_desk import KEY_OF_NOBODY, AccessDesk, caller

DAY_MS = 86_400_000


@pytest.fixture
async def desk(clock, directory, tmp_path):
    desk = AccessDesk(clock, directory, tmp_path)
    for one in ("ada", "bob", "eve"):
        desk.joins(one)
    await desk.open()
    return desk


async def test_only_the_group_uses_it_and_it_is_told_that_its_findings_are_wanted(desk):
    await desk.early.start(model="small", days=10, most=36)
    assert {desk.lacks("small", caller(one)) for one in ("ada", "bob")} == {"early"}
    [stage] = (await desk.early.add(model="small@f16", person="ada")).stages
    assert (stage.people, stage.state) == (("ada",), "runs")
    decision = desk.rule.decision(caller("ada"), desk.catalog.find("small")[0])
    assert decision.allowed
    assert "wanted, by POST /v1/reports" in decision.notices[0]
    assert {desk.lacks("small", one) for one in (caller("bob"), KEY_OF_NOBODY)} == {"early"}


async def test_beginning_ends_what_runs_and_beginning_again_sets_the_end_anew(desk, clock):
    await desk.early.start(model="small", days=10, most=36)
    [(model, project, holder, error)] = desk.service.ended
    assert (model, project, holder, error.details["rule"]["name"]) == ("small", "", "", "early")
    await desk.early.add(model="small", person="ada")
    [stage] = (await desk.early.start(model="small", days=20, most=5)).stages
    assert (stage.until_ms, stage.most, stage.people) == (clock.time_ms + 20 * DAY_MS, 5, ("ada",))
    assert len(desk.service.ended) == 1


async def test_a_stage_that_is_over_is_for_nobody_until_somebody_releases_the_model(desk, clock):
    await desk.early.start(model="small", days=1, most=36)
    await desk.early.add(model="small", person="ada")
    clock.time_ms += DAY_MS
    assert {desk.lacks("small", caller(one)) for one in ("ada", "bob")} == {"early"}
    assert [one.state for one in (await desk.early.show_all()).stages] == ["over"]
    assert (await desk.early.end(model="small")).stages == ()
    assert {desk.lacks("small", caller(one)) for one in ("ada", "bob")} == {""}


async def test_the_tier_of_the_model_asks_as_ever(desk):
    await desk.early.start(model="registered", days=1, most=36)
    await desk.early.add(model="registered", person="ada")
    assert desk.lacks("registered", caller("ada")) == "agreement"


async def test_the_members_of_a_project_join_together_as_they_are_now(desk):
    await desk.early.start(model="small", days=1, most=36)
    await desk.early.add(model="small", project="nlp")
    desk.joins("late")
    assert [desk.lacks("small", caller(one)) for one in ("ada", "bob", "late")] == ["", "", "early"]


async def test_a_group_has_its_bound(desk):
    await desk.early.start(model="small", days=1, most=2)
    with pytest.raises(NotPermitted, match="may have 2 people and would have 3"):
        await desk.early.add(model="small", project="nlp")
    for one in ("ada", "bob", "ada"):
        await desk.early.add(model="small", person=one)
    with pytest.raises(BadRequest, match="2 people are in the group"):
        await desk.early.start(model="small", days=1, most=1)


async def test_whoever_leaves_the_group_is_ended_at_once_and_stays_out_after_a_restart(desk):
    await desk.early.start(model="small", days=1, most=36)
    await desk.early.add(model="small", project="nlp")
    desk.service.ended.clear()
    await desk.early.drop(model="small", person="bob")
    assert [one[:3] for one in desk.service.ended] == [("small", "", "bob")]
    await desk.open()
    assert [desk.lacks("small", caller(one)) for one in ("ada", "bob")] == ["", "early"]


@pytest.mark.parametrize(
    ("verb", "words", "error"),
    [
        ("start", {"model": "none", "days": 1, "most": 3}, ModelNotFound),
        ("add", {"model": "registered", "person": "ada"}, NotFound),
        ("add", {"model": "small", "person": "nobody"}, NotFound),
        ("add", {"model": "small", "person": "default"}, NotFound),
        ("add", {"model": "small", "project": "nowhere"}, NotFound),
        ("add", {"model": "small"}, BadRequest),
        ("add", {"model": "small", "person": "ada", "project": "nlp"}, BadRequest),
        ("drop", {"model": "registered", "person": "ada"}, NotFound),
        ("end", {"model": "registered"}, NotFound),
    ],
)
async def test_what_is_not_there_is_named(desk, verb, words, error):
    await desk.early.start(model="small", days=1, most=36)
    with pytest.raises(error):
        await getattr(desk.early, verb)(**words)
