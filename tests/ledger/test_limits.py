"""Limits of projects, persons, keys and models: what they refuse, and how that is said."""

import inspect

import pytest

from appliance.domain.actions import action, budgets, usage
from appliance.domain.days import DAY_MS, end_ms, first_ms
from appliance.domain.usage import Meters, Outcome
from appliance.errors import BadRequest, BudgetExhausted, Conflict, ModelNotFound, NotFound, NotPermitted
from tests.ledger.conftest import ADA, BOB, LEAD, NOBODY, NOON_MS, OPERATOR


async def refused(box, *args, **more):
    with pytest.raises(BudgetExhausted) as refusal:
        await box.hold(*args, **more)
    return refusal.value


async def test_credits_become_a_limit_in_micro_credits(box):
    state = await box.limits.limit(credits="0.01", actor=OPERATOR)
    assert (state.project, state.limit_micro, state.spent_micro, state.held_micro) == (
        "default",
        10_000,
        0,
        0,
    )
    assert (state.granted_micro, state.left_micro) == (0, 10_000)
    assert [(one.scope, one.window) for one in state.allocations] == [("project", "total")]
    assert await box.limits.show() == state


async def test_none_takes_the_limit_away(box):
    await box.limits.limit(credits="1", actor=OPERATOR)
    state = await box.limits.limit(credits="none", actor=OPERATOR)
    assert (state.limit_micro, state.left_micro, state.about) == (None, None, None)


@pytest.mark.parametrize("amounts", [{}, {"credits": "1", "tokens": 5}, {"credits": "a lot"}])
async def test_an_amount_that_cannot_be_read_changes_nothing(box, amounts):
    with pytest.raises(BadRequest):
        await box.limits.limit(**amounts, actor=OPERATOR)
    assert (await box.limits.show()).limit_micro is None


async def test_the_budget_of_no_project_is_not_found(box):
    with pytest.raises(NotFound):
        await box.limits.show(project="nobody")
    with pytest.raises(NotFound):
        await box.limits.limit(project="nobody", credits="1", actor=OPERATOR)


async def test_each_person_has_as_much_a_day_and_as_much_again_the_next(box):
    await box.limits.limit(project="nlp", each_person=True, window="day", credits="0.0002", actor=OPERATOR)
    await box.use(BOB, 150)
    refusal = await refused(box, BOB, 100)
    assert "your own share of project nlp has 50 left today" in refusal.message
    assert "a lead of the project" in refusal.message
    assert refusal.retry_after_s == DAY_MS // 2 // 1000
    assert refusal.details["budget"]["waits_for"] == "lead"
    assert refusal.details["budget"]["renews_ms"] == NOON_MS + DAY_MS // 2
    await box.hold(ADA, 200)
    box.clock.time_ms += DAY_MS
    await box.hold(BOB, 200)


async def test_one_person_may_have_more_than_each_of_the_others(box):
    await box.limits.limit(project="nlp", each_person=True, credits="0.0001", actor=OPERATOR)
    state = await box.limits.limit(project="nlp", person="bob", credits="0.0003", actor=OPERATOR)
    (own,) = [one.id for one in state.allocations if one.subject == "bob"]
    await box.hold(BOB, 300)
    refusal = await refused(box, BOB, 1)
    assert (refusal.details["budget"]["allocation"], refusal.details["budget"]["left_micro"]) == (own, 0)
    await refused(box, ADA, 101)


async def test_a_key_of_nobody_in_particular_counts_as_a_person_of_its_own(box):
    await box.limits.limit(each_person=True, credits="0.0001", actor=OPERATOR)
    await box.hold(NOBODY, 100)
    await refused(box, NOBODY, 1)


async def test_a_model_and_a_key_can_be_limited(box):
    await box.limits.limit(project="nlp", model="tiny@q8", credits="0.0001", actor=OPERATOR)
    await box.limits.limit(project="nlp", key="key_bob", credits="0.0004", actor=OPERATOR)
    await box.hold(ADA, 60, "tiny@q4")
    refusal = await refused(box, BOB, 60, "tiny")
    assert "what project nlp may spend on tiny has 100 left, 60 of them held" in refusal.message
    assert refusal.retry_after_s == 5
    await box.hold(BOB, 300, "large")
    assert "this key" in (await refused(box, BOB, 101, "large")).message


async def test_a_limit_that_is_set_in_the_middle_counts_what_was_used_and_what_runs(box):
    await box.use(BOB, 100)
    running = await box.hold(BOB, 50)
    state = await box.limits.limit(
        project="nlp", person="bob", window="day", credits="0.0002", actor=OPERATOR
    )
    (account,) = state.allocations[1].accounts
    assert (account.spent_micro, account.held_micro, account.left_micro) == (100, 50, 50)
    await box.store.ledger.sweep()
    (account,) = (await box.limits.show(project="nlp")).allocations[1].accounts
    assert (account.spent_micro, account.held_micro) == (100, 0)
    assert running


async def test_a_request_over_midnight_settles_into_the_day_on_which_it_began(box):
    await box.limits.limit(project="nlp", person="bob", window="day", credits="0.0002", actor=OPERATOR)
    before = await box.hold(BOB, 150)
    box.clock.time_ms += DAY_MS
    await box.hold(BOB, 200)
    await box.store.ledger.settle(before, Outcome.COMPLETED, Meters(gflop=150))
    (today,) = (await box.limits.show(project="nlp")).allocations[1].accounts
    assert (today.spent_micro, today.held_micro) == (0, 200)


async def test_outside_of_its_terms_a_project_may_spend_nothing(box):
    days = {"starts": "2024-10-10", "ends": "2024-10-20"}
    await box.limits.limit(project="nlp", credits="1", **days, actor=OPERATOR)
    box.clock.time_ms = first_ms("2024-10-10", "") - 1
    early = await refused(box)
    assert "begins on 2024-10-10" in early.message
    assert early.retry_after_s == 1
    box.clock.time_ms = end_ms("2024-10-20", "") - 1
    await box.hold()
    box.clock.time_ms += 1
    assert "ended on 2024-10-20" in (await refused(box)).message


async def test_terms_may_follow_each_other_and_not_overlap(box):
    async def term(starts, ends):
        await box.limits.limit(project="nlp", starts=starts, ends=ends, credits="1", actor=OPERATOR)

    await term("2024-10-01", "2024-10-10")
    await term("2024-10-11", "2024-10-20")
    with pytest.raises(Conflict):
        await term("2024-10-05", "2024-10-07")
    with pytest.raises(Conflict):
        await term("2024-10-01", "2024-10-09")


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": "day", "starts": "2024-10-01"},
        {"window": "term"},
        {"starts": "2024-10-01"},
        {"starts": "2024-10-02", "ends": "2024-10-01"},
        {"starts": "soon", "ends": "2024-10-01"},
        {"person": "bob", "key": "key_bob"},
        {"person": "bob", "each_person": True},
    ],
)
async def test_what_contradicts_itself_is_refused(box, wrong):
    with pytest.raises(BadRequest):
        await box.limits.limit(project="nlp", credits="1", **wrong, actor=OPERATOR)


async def test_a_limit_is_for_somebody_who_is_there(box):
    for wrong in ({"person": "rev"}, {"key": "key_1"}, {"key": "no"}):
        with pytest.raises(NotFound):
            await box.limits.limit(project="nlp", credits="1", **wrong, actor=OPERATOR)
    with pytest.raises(ModelNotFound):
        await box.limits.limit(project="nlp", model="nothing", credits="1", actor=OPERATOR)


async def test_setting_again_changes_the_limit_and_removing_ends_it(box):
    await box.limits.limit(project="nlp", person="bob", credits="0.0001", actor=OPERATOR)
    state = await box.limits.limit(project="nlp", person="bob", credits="0.0002", actor=OPERATOR)
    (_, limit) = state.allocations
    assert limit.limit_micro == 200
    state = await box.limits.remove(allocation=limit.id, actor=OPERATOR)
    assert len(state.allocations) == 1
    with pytest.raises(NotFound):
        await box.limits.remove(allocation=limit.id, actor=OPERATOR)
    with pytest.raises(Conflict):
        await box.limits.remove(allocation=state.allocations[0].id, actor=OPERATOR)


async def test_a_lead_divides_what_the_project_has_and_does_not_raise_it(box):
    state = await box.limits.limit(project="nlp", each_person=True, credits="1", actor=LEAD)
    for wrong in ({}, {"window": "day"}, {"starts": "2024-10-01", "ends": "2024-10-02"}):
        with pytest.raises(NotPermitted) as refusal:
            await box.limits.limit(project="nlp", credits="9", **wrong, actor=LEAD)
        assert refusal.value.details["rule"] == {"name": "budget", "waits_for": "reviewer"}
    await box.limits.remove(allocation=state.allocations[1].id, project="nlp", actor=LEAD)


async def test_a_lead_does_not_see_that_a_limit_of_another_project_is_there(box):
    state = await box.limits.limit(each_person=True, credits="1", actor=OPERATOR)
    with pytest.raises(NotFound) as there:
        await box.limits.remove(allocation=state.allocations[1].id, project="nlp", actor=LEAD)
    with pytest.raises(NotFound) as nowhere:
        await box.limits.remove(allocation="alc_0", project="nlp", actor=LEAD)
    assert there.value.message == nowhere.value.message


async def test_a_lead_does_not_take_back_what_was_set_for_the_whole_project(box):
    days = {"starts": "2024-10-01", "ends": "2024-10-30"}
    state = await box.limits.limit(project="nlp", credits="1", **days, actor=OPERATOR)
    with pytest.raises(NotPermitted):
        await box.limits.remove(allocation=state.allocations[1].id, project="nlp", actor=LEAD)


async def test_a_caller_is_told_every_limit_that_binds_them_and_nobody_elses(box):
    await box.limits.limit(project="nlp", each_person=True, credits="0.002", actor=OPERATOR)
    await box.limits.limit(project="nlp", person="ada", credits="0.001", actor=OPERATOR)
    await box.limits.limit(project="nlp", model="tiny", credits="0.003", actor=OPERATOR)
    await box.use(BOB, 100)
    told = await box.own.of_caller(BOB, await box.store.usage.own_sums(BOB, 0))
    limits = [(one.account.allocation.scope, one.account.subject, one.account.left_micro) for one in told]
    assert sorted(limits) == [("model", "tiny", 2900), ("person", "bob", 1900)]
    assert [one.about.questions for one in told if one.account.subject == "bob"] == [19]
    (ada, _) = sorted(await box.own.of_caller(ADA, ()), key=lambda one: one.account.subject)
    assert (ada.account.subject, ada.account.allocation.limit_micro) == ("ada", 1000)


@pytest.mark.parametrize("name", [one.name for one in (*budgets.ACTIONS, *usage.ACTIONS)])
def test_a_handler_takes_the_arguments_of_its_action_and_their_defaults(box, name):
    services = (box.limits, box.asking, box.corrections, box.statements, box.usage)
    handlers = {each: handler for one in services for each, handler in one.handlers().items()}
    taken = {
        one.name: None if one.default is inspect.Parameter.empty else one.default
        for one in inspect.signature(handlers[name]).parameters.values()
        if one.name != "actor"
    }
    assert taken == {one.name: one.default for one in action(name).arguments}
