"""The same amount in credits, questions, tokens and GPU hours of one model; the conversion is always told."""

from decimal import Decimal

import pytest

from appliance.errors import BadRequest
from appliance.policy.amounts import (
    Reference,
    gpu_hours,
    of_gpu_hours,
    of_requests,
    of_tokens,
    questions,
    tokens,
)
from appliance.services.ledger.references import KnownModel
from tests.ledger.conftest import ADA, BOB, NOBODY, OPERATOR

USED = Reference("tiny", requests=3, tokens=90, micro=1000, gpu_ms=600, basis="what was used")


def test_amounts_are_rounded_up_and_what_is_left_down():
    assert of_requests(2, USED).micro == 667
    assert of_tokens(1, USED).micro == 12
    assert of_gpu_hours(Decimal("0.5"), USED).micro == 3_000_000
    assert (questions(667, USED), questions(666, USED)) == (2, 1)
    assert tokens(100, USED) == 9
    assert (gpu_hours(3_000_000, USED), gpu_hours(59_999, USED)) == ("0.50", "0.00")


def test_the_conversion_is_told():
    assert of_requests(2, USED).how == "2 requests of tiny, counted from what was used"


async def test_what_the_project_used_most_is_what_amounts_are_counted_in(box):
    await box.use(BOB, 100, "tiny")
    await box.use(ADA, 300, "large")
    await box.use(ADA, 200, "large")
    await box.use(NOBODY, 9000, "tiny")
    state = await box.limits.limit(project="nlp", requests=10, actor=OPERATOR)
    assert state.limit_micro == 2500
    assert state.conversion == "10 requests of large, counted from what project nlp used in 30 days"
    assert (state.about.model, state.about.questions, state.about.tokens) == ("large", 7, 228)
    assert (await box.limits.limit(project="nlp", tokens=60, of="tiny", actor=OPERATOR)).limit_micro == 200


async def test_a_model_that_the_project_did_not_use_is_counted_from_what_everybody_used(box):
    await box.use(NOBODY, 90, "large")
    await box.use(BOB, 10, "tiny")
    state = await box.limits.limit(project="nlp", requests=2, of="large", actor=OPERATOR)
    assert (state.limit_micro, "what everybody used" in state.conversion) == (180, True)


async def test_with_nothing_to_go_by_it_is_a_question_of_usual_length_to_the_only_model(box):
    state = await box.limits.limit(project="nlp", requests=2, actor=OPERATOR)
    assert state.limit_micro == 1500
    assert "500 tokens in and 250 out" in state.conversion
    with pytest.raises(BadRequest, match="GPU hour"):
        await box.limits.limit(project="nlp", gpu_hours="1", actor=OPERATOR)


async def test_where_nobody_knows_what_a_question_costs_one_is_asked_which_model(box):
    box.running.append(KnownModel("large", 10))
    with pytest.raises(BadRequest, match="--of"):
        await box.limits.limit(project="nlp", tokens=2, actor=OPERATOR)
    box.running.clear()
    with pytest.raises(BadRequest, match="does not run"):
        await box.limits.limit(project="nlp", tokens=2, of="large", actor=OPERATOR)


async def test_gpu_hours_follow_from_how_long_requests_took(box):
    await box.use(BOB, 1000, gpu_ms=3600)
    state = await box.limits.limit(project="nlp", gpu_hours="0.001", actor=OPERATOR)
    assert state.limit_micro == 1000
    assert state.about.gpu_hours == "0.00"


async def test_hours_are_a_number_and_no_amount_is_beyond_what_can_be_counted(box):
    with pytest.raises(BadRequest):
        await box.limits.limit(project="nlp", gpu_hours="none", actor=OPERATOR)
    box.running[:] = [KnownModel("tiny", 10**9)]
    with pytest.raises(BadRequest, match="more than"):
        await box.limits.limit(project="nlp", tokens=10**15, actor=OPERATOR)
