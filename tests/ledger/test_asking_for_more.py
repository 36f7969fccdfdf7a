"""Asking for more: who asks, who decides, what is given, and that all of it stays on record."""

import pytest

from appliance.errors import BadRequest, BudgetExhausted, Conflict, NotFound, NotPermitted, TryAgain
from tests.ledger.conftest import BOB, LEAD, MEMBER, OPERATOR, REVIEWER


@pytest.fixture
async def tight(box):
    """Bob has 100 micro-credits of the project's 1000."""
    await box.limits.limit(project="nlp", credits="0.001", actor=OPERATOR)
    await box.limits.limit(project="nlp", each_person=True, credits="0.0001", actor=LEAD)
    return box


async def ask(box, **more):
    given = {"project": "nlp", "person": "bob", "credits": "0.0005", "reason": "A larger study."} | more
    return await box.asking.ask(**given, actor=MEMBER)


async def test_what_is_asked_for_and_approved_can_be_spent(tight):
    asked = await ask(tight)
    assert (asked.state, asked.scope, asked.micro) == ("open", "person", 500)
    assert "a lead of the project" in asked.waits_for
    with pytest.raises(BudgetExhausted):
        await tight.hold(BOB, 101)
    decided = await tight.asking.decide(id=asked.id, project="nlp", approve=True, reason="Fine.", actor=LEAD)
    assert (decided.state, decided.granted_micro, decided.decided_by) == ("approved", 500, "ada")
    assert (decided.decision, decided.waits_for) == ("Fine.", "")
    await tight.hold(BOB, 600)
    with pytest.raises(BudgetExhausted):
        await tight.hold(BOB, 1)


async def test_less_than_was_asked_for_can_be_given(tight):
    asked = await ask(tight)
    await tight.asking.decide(id=asked.id, approve=True, credits="0.0001", actor=REVIEWER)
    await tight.hold(BOB, 200)
    with pytest.raises(BudgetExhausted):
        await tight.hold(BOB, 1)


async def test_what_is_denied_says_why_and_gives_nothing(tight):
    asked = await ask(tight)
    with pytest.raises(BadRequest):
        await tight.asking.decide(id=asked.id, deny=True, actor=LEAD)
    decided = await tight.asking.decide(id=asked.id, deny=True, reason="Ask in May.", actor=LEAD)
    assert (decided.state, decided.granted_micro, decided.decision) == ("denied", 0, "Ask in May.")
    with pytest.raises(BudgetExhausted):
        await tight.hold(BOB, 101)


async def test_a_request_is_decided_once(tight):
    asked = await ask(tight)
    await tight.asking.decide(id=asked.id, approve=True, actor=LEAD)
    for again in ({"approve": True}, {"deny": True, "reason": "No."}):
        with pytest.raises(Conflict):
            await tight.asking.decide(id=asked.id, **again, actor=LEAD)
    assert (await tight.limits.show(project="nlp")).allocations[1].accounts[0].granted_micro == 500


async def test_more_for_the_whole_project_is_a_reviewers_to_give(tight):
    asked = await ask(tight, whose="project")
    with pytest.raises(NotPermitted) as refusal:
        await tight.asking.decide(id=asked.id, project="nlp", approve=True, actor=LEAD)
    assert refusal.value.details["rule"]["waits_for"] == "reviewer"
    await tight.asking.decide(id=asked.id, approve=True, actor=REVIEWER)
    assert tight.duties.asked == [("nlp", 500)]
    state = await tight.limits.show(project="nlp")
    assert (state.limit_micro, state.granted_micro, state.left_micro) == (1000, 500, 1500)


async def test_a_duty_that_is_owed_comes_first_and_leaves_the_request_open(tight):
    asked = await ask(tight, whose="project")
    tight.duties.refusal = NotPermitted("A review is owed.", rule="duties", waits_for="lead")
    with pytest.raises(NotPermitted):
        await tight.asking.decide(id=asked.id, approve=True, actor=REVIEWER)
    assert [one.state for one in (await tight.asking.queue()).requests] == ["open"]
    assert (await tight.limits.show(project="nlp")).granted_micro == 0


async def test_whoever_approves_their_own_is_marked(tight):
    asked = await ask(tight, person="ada")
    decided = await tight.asking.decide(id=asked.id, project="nlp", approve=True, actor=LEAD)
    assert decided.decision == "self-approved"


async def test_three_may_be_open(tight):
    for _ in range(3):
        await ask(tight)
    with pytest.raises(TryAgain):
        await ask(tight)
    await ask(tight, person="ada")


async def test_only_who_belongs_to_the_project_asks_and_only_for_what_is_limited(box):
    with pytest.raises(NotFound):
        await ask(box, person="rev")
    with pytest.raises(NotFound):
        await box.asking.ask(project="nlp", credits="1", reason="Why not.", actor=OPERATOR)
    with pytest.raises(BadRequest, match="Nothing limits"):
        await ask(box)


@pytest.mark.parametrize("credits", ["0", "none", "much"])
async def test_nothing_is_not_asked_for(tight, credits):
    with pytest.raises(BadRequest):
        await ask(tight, credits=credits)


async def test_a_lead_sees_the_requests_of_the_own_project_and_no_others(tight):
    asked = await ask(tight)
    assert [one.id for one in (await tight.asking.queue(project="nlp")).requests] == [asked.id]
    assert (await tight.asking.queue(project="default")).requests == ()
    with pytest.raises(NotFound):
        await tight.asking.decide(id=asked.id, project="default", approve=True, actor=LEAD)
    await tight.asking.decide(id=asked.id, deny=True, reason="No.", actor=LEAD)
    assert (await tight.asking.queue(project="nlp")).requests == ()
    assert len((await tight.asking.queue(project="nlp", all=True)).requests) == 1
