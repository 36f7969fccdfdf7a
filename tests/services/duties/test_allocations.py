"""What is owed holds up what a project is newly given: at once, and at the level of what it asks for."""

import pytest

from appliance.errors import NotFound, NotPermitted
from appliance.policy.duties.table import THRESHOLDS
from appliance.services.duties.allocating import Allocating

D1, D2, *_ = (row.inference_gflop + 1 for row in THRESHOLDS)


def test_small_allocations_ask_for_nothing(box):
    box.duties.check_allocation("nlp", D1 - 1)
    box.duties.check_allocation("nlp", None)
    box.duties.check_allocation("elsewhere", D2)


def test_a_large_one_waits_for_what_is_owed_at_that_amount(box):
    with pytest.raises(NotPermitted) as refused:
        box.duties.check_allocation("nlp", D2)
    assert refused.value.details == {"rule": {"name": "duties", "waits_for": "lead"}}
    assert "before it is given more to spend: it asks for 1e21 FLOP this year" in refused.value.message
    assert box.notices() == ()


def test_what_was_used_counts_beside_what_is_asked_for(box):
    box.use(D1 // 2)
    box.duties.check_allocation("nlp", D1 // 4)
    with pytest.raises(NotPermitted):
        box.duties.check_allocation("nlp", D1 // 2 + 1)


def test_whoever_owes_for_what_was_used_is_given_nothing_more_while_requests_go_on(box):
    box.use(D1)
    with pytest.raises(NotPermitted, match="the signature under the code of conduct"):
        box.duties.check_allocation("nlp", 1)
    with pytest.raises(NotPermitted):
        box.duties.check_allocation("nlp", None)
    assert len(box.notices()) == 1


def test_what_is_done_opens_it(box):
    box.conduct.projects.add("nlp")
    box.project(purpose="Dialects of German")
    box.duties.check_allocation("nlp", D1)
    with pytest.raises(NotPermitted, match="owes a review"):
        box.duties.check_allocation("nlp", D2)


@pytest.fixture
def allocating(box):
    return Allocating(box.duties, box.budgets)


async def test_a_first_limit_is_held_against_its_amount(box, allocating):
    await allocating.check_limit("nlp", D1 - 1)
    with pytest.raises(NotPermitted):
        await allocating.check_limit("nlp", D1)


async def test_what_was_spent_and_granted_before_counts_in_a_limit(box, allocating):
    box.budgets.spent_micro = 100
    await allocating.check_limit("nlp", D1 + 99)
    with pytest.raises(NotPermitted):
        await allocating.check_limit("nlp", D1 + 100)
    box.budgets.granted_micro = 1
    with pytest.raises(NotPermitted):
        await allocating.check_limit("nlp", D1 + 99)


async def test_to_give_less_is_always_possible(box, allocating):
    box.use(D1)
    await allocating.check_limit("nlp", D2 - D1 - 1)
    box.budgets.limits["nlp"] = D2
    await allocating.check_limit("nlp", D2)
    await allocating.check_limit("nlp", 5)


async def test_a_higher_limit_and_none_at_all_wait(box, allocating):
    box.use(D1)
    box.budgets.limits["nlp"] = 10
    with pytest.raises(NotPermitted):
        await allocating.check_limit("nlp", 11)
    with pytest.raises(NotPermitted):
        await allocating.check_limit("nlp", None)


async def test_no_limit_where_there_is_none_is_no_allocation(box, allocating):
    box.use(D1)
    await allocating.check_limit("nlp", None)


async def test_more_counts_beside_what_is_left(box, allocating):
    box.budgets.limits["nlp"] = D1 - 10
    await allocating.check_more("nlp", 9)
    with pytest.raises(NotPermitted):
        await allocating.check_more("nlp", 10)


async def test_a_project_that_does_not_exist_is_not_found(allocating):
    with pytest.raises(NotFound):
        await allocating.check_limit("none", 5)
