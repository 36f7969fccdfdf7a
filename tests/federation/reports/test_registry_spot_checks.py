"""The registry asks to be shown rows of a report: an operator decides, and the tree proves them."""

import msgspec
import pytest

from appliance.domain.reporting import DAY_MS
from appliance.federation.protocol.kinds import CHECK
from appliance.federation.protocol.leaves import entry_hash
from appliance.federation.protocol.merkle import is_included
from appliance.federation.protocol.messages import CheckAnswer
from appliance.federation.protocol.statements import Check
from appliance.trust.signed import signer_of, unfold
from tests.federation.reporting_box import PEOPLE, batches
from tests.federation.simulated_transport import SimulatedTransport
from tests.federation.simulator import SimulatedRegistry


@pytest.fixture
async def checked(box, clock):
    """A box with one reported day, and its registry."""
    await box.all_use(PEOPLE)
    await box.start("x1", project="small")
    await box.use("x1", project="small")
    clock.time_ms += DAY_MS
    registry = SimulatedRegistry(lambda: clock.now_ms() // 1000)
    registry.add_box(box.id)
    await box.sync(SimulatedTransport(registry))
    return registry


async def asks(box, registry, *, seq=1, leaves=(0, 5, 12)):
    claims = Check(**registry.about(box.id, "chk"), epoch=1, seq=seq, leaves=leaves, reason="A sample.")
    await box.take(registry.key.sign(CHECK, claims))
    return claims.jti


async def answer(box):
    (row,) = await box.waiting()
    return msgspec.json.decode(unfold(row.token, row.kind, signer_of(row.token)), type=CheckAnswer)


async def test_a_spot_check_waits_for_an_operator_and_is_told(box, checked):
    check = await asks(box, checked)
    await asks(box, checked)
    assert [(one.id, one.state) for one in await box.store.report_checks.all()][-1][1] == "open"
    assert await box.waiting() == []
    assert check in [sign.subject for sign in box.signs]


async def test_an_approved_check_shows_rows_whose_proofs_lead_to_the_root_that_was_signed(box, checked):
    check = await asks(box, checked)
    decided = await box.checks.decide(check, approve=True, reason="")
    assert decided.state == "shown"
    said = await answer(box)
    (batch,) = await batches(box)
    assert (said.check, said.refused, [one.index for one in said.leaves]) == (check, "", [0, 5, 12])
    assert batch.leaves == 13
    for leaf in said.leaves:
        assert is_included(
            leaf=entry_hash(leaf), index=leaf.index, size=13, proof=leaf.proof, root=batch.merkle_root
        )
    assert len({leaf.salt for leaf in said.leaves}) == 3
    named = {record.group for record in batch.records}
    assert {leaf.group for leaf in said.leaves} <= named == {"other"}


async def test_a_refused_check_says_why_and_shows_nothing(box, checked):
    check = await asks(box, checked)
    await box.checks.decide(check, approve=False, reason="Not during exams.")
    said = await answer(box)
    assert (said.leaves, said.refused) == ((), "Not during exams.")


@pytest.mark.parametrize(
    ("seq", "leaves", "words"),
    [(9, (0,), "no such report"), (1, (0, 13), "13 rows, counted from 0")],
)
async def test_what_cannot_be_shown_is_said(box, checked, seq, leaves, words):
    check = await asks(box, checked, seq=seq, leaves=leaves)
    decided = await box.checks.decide(check, approve=True, reason="")
    assert decided.state == "refused"
    assert words in (await answer(box)).refused


async def test_rows_that_were_summed_up_meanwhile_are_not_shown(box, checked, clock):
    check = await asks(box, checked)
    await box.store.usage_folding.fold(clock.now_ms(), 3)
    await box.checks.decide(check, approve=True, reason="")
    said = await answer(box)
    assert said.leaves == ()
    assert "summed up" in said.refused
