"""Refunds, bounties and corrections: rows of their own, never changed, never given twice."""

import pytest

from appliance.domain.adjustment import AdjustmentKind
from appliance.domain.days import DAY_MS
from appliance.errors import BadRequest, BudgetExhausted, Conflict, NotFound, StorageUnavailable
from tests.ledger.conftest import BOB, OPERATOR


@pytest.fixture
async def spent(box):
    """Project and Bob have 1000 each, of which one request took 400."""
    await box.limits.limit(project="nlp", credits="0.001", actor=OPERATOR)
    await box.limits.limit(project="nlp", person="bob", window="day", credits="0.001", actor=OPERATOR)
    return box, await box.use(BOB, 400)


def refund(box, request, **more):
    return box.corrections.refund(request_id=request, reason="The answer was cut.", **more, actor=OPERATOR)


async def accounts(box):
    state = await box.limits.show(project="nlp")
    return [(one.spent_micro, one.granted_micro) for each in state.allocations for one in each.accounts]


async def test_a_refund_gives_back_what_a_request_cost_to_all_who_paid(spent):
    box, request = spent
    made = await refund(box, request)
    assert (made.kind, made.project, made.person, made.micro) == ("refund", "nlp", "bob", 400)
    assert await accounts(box) == [(400, 400), (400, 400)]
    await box.hold(BOB, 1000)


async def test_a_part_can_be_refunded_and_never_more_than_the_cost(spent):
    box, request = spent
    with pytest.raises(BadRequest, match="cost 400"):
        await refund(box, request, credits="0.000401")
    await refund(box, request, credits="0.0001")
    assert await accounts(box) == [(400, 100), (400, 100)]


async def test_a_request_is_refunded_once(spent):
    box, request = spent
    await refund(box, request, credits="0.0001")
    with pytest.raises(Conflict):
        await refund(box, request, credits="0.0001")
    assert await accounts(box) == [(400, 100), (400, 100)]


async def test_what_runs_or_was_never_asked_is_not_refunded(spent):
    box, _ = spent
    with pytest.raises(Conflict):
        await refund(box, await box.hold(BOB, 10))
    with pytest.raises(NotFound):
        await refund(box, "req_0")


async def test_a_refund_of_yesterday_gives_no_more_for_today(spent):
    box, request = spent
    box.clock.time_ms += DAY_MS
    await box.use(BOB, 10)
    await refund(box, request)
    assert await accounts(box) == [(410, 400), (10, 0)]


async def test_a_limit_that_is_set_after_a_refund_counts_it(box):
    await refund(box, await box.use(BOB, 400))
    state = await box.limits.limit(project="nlp", person="bob", credits="0.0005", actor=OPERATOR)
    (account,) = state.allocations[1].accounts
    assert (account.spent_micro, account.granted_micro, account.left_micro) == (400, 400, 500)


async def test_a_bounty_is_the_projects_and_is_given_once_for_one_report(box):
    async def pay():
        return await box.adjusting.adjust(
            project="nlp",
            micro=300,
            kind=AdjustmentKind.BOUNTY,
            reason="A bias that can be shown again.",
            reference="rep_1",
            actor="rev",
            person="bob",
        )

    await box.limits.limit(project="nlp", credits="0", actor=OPERATOR)
    await pay()
    with pytest.raises(Conflict, match="rep_1"):
        await pay()
    await box.hold(BOB, 300)
    with pytest.raises(BudgetExhausted):
        await box.hold(BOB, 1)


async def test_a_bounty_can_be_spent_in_the_term_that_runs_too(box):
    await box.limits.limit(project="nlp", starts="2024-10-01", ends="2024-10-30", credits="0", actor=OPERATOR)
    await box.limits.limit(project="nlp", credits="0", actor=OPERATOR)
    await box.adjusting.adjust(
        project="nlp", micro=50, kind=AdjustmentKind.BOUNTY, reason="Found.", actor="rev"
    )
    await box.hold(BOB, 50)


@pytest.mark.parametrize(("text", "micro"), [("2.5", 2_500_000), ("+1", 1_000_000), ("-0.000001", -1)])
async def test_a_correction_gives_or_takes(box, text, micro):
    made = await box.corrections.adjust(project="nlp", credits=text, reason="Counted twice.", actor=OPERATOR)
    assert (made.kind, made.micro, made.actor) == ("correction", micro, "uid 0")
    assert (await box.limits.show(project="nlp")).granted_micro == micro


@pytest.mark.parametrize("text", ["0", "-0", "none", "--1", "1e3"])
async def test_a_correction_of_nothing_is_refused(box, text):
    with pytest.raises(BadRequest):
        await box.corrections.adjust(project="nlp", credits=text, reason="Why.", actor=OPERATOR)


async def test_what_was_taken_is_never_spent(box):
    await box.limits.limit(project="nlp", credits="0.001", actor=OPERATOR)
    await box.corrections.adjust(project="nlp", credits="-0.0009", reason="Moved.", actor=OPERATOR)
    with pytest.raises(BudgetExhausted):
        await box.hold(BOB, 101)
    await box.hold(BOB, 100)


@pytest.mark.parametrize("statement", ["UPDATE adjustment SET micro = 1", "DELETE FROM adjustment"])
async def test_a_row_is_never_changed(spent, statement):
    box, request = spent
    await refund(box, request)
    with pytest.raises(Exception, match="only ever added") as error:
        await box.store._writer.run(lambda database: database.execute(statement))
    assert not isinstance(error.value, StorageUnavailable)
