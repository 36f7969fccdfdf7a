"""Duties are handed in by leads, signed off by reviewers, and taken back: each with who, when and on what."""

from dataclasses import replace

import pytest

from appliance.domain.people import Membership, Role
from appliance.errors import BadRequest, Conflict, NotFound, NotPermitted
from appliance.policy.duties.checklist import QUESTIONS
from appliance.policy.duties.table import FULFILLED_MS, THRESHOLDS
from tests.services.conftest import NOON_MS
from tests.services.duties.duty_box import LEAD, OPERATOR, REVIEWER

D2, D3 = (row.inference_gflop + 1 for row in THRESHOLDS[1:3])
ANSWERS = "\n".join(f"{one.id}: An answer to {one.id}." for one in QUESTIONS)
EVIDENCE = "Minutes of the board, file 12/7"


def duty(detail, name):
    return next(one for one in detail.standing.duties if one.duty == name)


async def handed_in(box, name="review", **more):
    given = {"evidence": EVIDENCE} | more
    return await box.recording.submit(project="nlp", duty=name, actor=LEAD, **given)


async def test_a_lead_hands_in_and_a_reviewer_signs_off_for_a_year(box):
    box.person("per_rev", Role.REVIEWER)
    box.use(D2)
    shown = await handed_in(box, sha256="AB" * 32)
    (record,) = shown.records
    assert (record.state, record.who, record.submitted_by) == ("submitted", "per_ada", "per_ada")
    assert (record.evidence, record.sha256, record.submitted_ms) == (EVIDENCE, "ab" * 32, NOON_MS)
    assert duty(shown, "review").state == "submitted"
    assert duty(shown, "review").next_step == f"`carrel duty accept {record.id}`"
    shown = await box.recording.accept(id=record.id, actor=REVIEWER)
    (record,) = shown.records
    assert (record.state, record.accepted_by, record.self_approved) == ("counts", "per_rev", False)
    assert record.until_ms == NOON_MS + FULFILLED_MS
    assert duty(shown, "review").state == "fulfilled"
    assert list(box.stored.rows.values()) == list(box.register.records("nlp"))


async def test_an_extended_review_keeps_every_answer_with_the_version_of_the_checklist(box):
    box.use(D3)
    shown = await handed_in(box, "extended-review", answers=ANSWERS, evidence=None)
    (record,) = shown.records
    assert record.version == 1
    assert [(one.id, one.answer) for one in record.answers] == [
        (one.id, f"An answer to {one.id}.") for one in QUESTIONS
    ]
    assert {one.function for one in record.answers} == {"Govern", "Map", "Measure", "Manage"}
    shown = await box.recording.accept(id=record.id, actor=OPERATOR)
    assert duty(shown, "review").state == "fulfilled"


@pytest.mark.parametrize(
    ("name", "given", "param"),
    [
        ("extended-review", {}, "answers"),
        ("review", {"answers": ANSWERS}, "answers"),
        ("extended-review", {"answers": "govern-1: short"}, "answers"),
        ("review", {"evidence": None}, "evidence"),
        ("review", {"evidence": "a\x1b[2Jb"}, "evidence"),
        ("external-audit", {"sha256": "ab" * 31}, "sha256"),
        ("external-audit", {"sha256": "zz" * 32}, "sha256"),
        ("review", {"who": " "}, "who"),
    ],
)
async def test_what_does_not_fit_the_duty_is_refused_and_not_kept(box, name, given, param):
    with pytest.raises(BadRequest) as refused:
        await handed_in(box, name, **given)
    assert refused.value.param == param
    assert box.stored.rows == {}


async def test_one_command_does_both_and_is_marked_in_a_lab_of_one(box):
    shown = await box.recording.fulfil(
        project="default", duty="publication-policy", who="Ada", evidence="Wiki", actor=OPERATOR
    )
    (record,) = shown.records
    assert (record.state, record.who, record.self_approved) == ("counts", "Ada", True)


async def test_a_signature_on_paper_needs_no_evidence(box):
    box.use(D2)
    shown = await box.recording.fulfil(project="nlp", duty="conduct", who="Ada", actor=OPERATOR)
    assert duty(shown, "conduct").state == "fulfilled"


async def test_nobody_signs_off_for_their_own_project_where_somebody_else_can(box):
    box.person("per_rev", Role.REVIEWER)
    box.directory.put_member(Membership("nlp", "per_rev", "member", NOON_MS))
    (record,) = (await handed_in(box)).records
    accepted = await box.recording.accept(id=record.id, actor=REVIEWER)
    assert accepted.records[0].accepted_by == "per_rev"
    box.person("per_other", Role.REVIEWER)
    (second, _) = (await handed_in(box)).records
    with pytest.raises(NotPermitted) as refused:
        await box.recording.accept(id=second.id, actor=REVIEWER)
    assert refused.value.details == {"rule": {"name": "own decision", "waits_for": "reviewer"}}
    with pytest.raises(NotPermitted):
        await box.recording.fulfil(project="nlp", duty="review", who="Rev", evidence=EVIDENCE, actor=REVIEWER)
    other = replace(REVIEWER, name="per_other", person="per_other")
    await box.recording.accept(id=second.id, actor=other)


async def test_nothing_is_signed_off_twice_nor_without_an_id(box):
    (record,) = (await handed_in(box)).records
    await box.recording.accept(id=record.id, actor=REVIEWER)
    with pytest.raises(Conflict):
        await box.recording.accept(id=record.id, actor=OPERATOR)
    with pytest.raises(NotFound):
        await box.recording.accept(id="dut_0", actor=REVIEWER)


async def test_what_is_taken_back_is_owed_again_and_stays_with_its_reason(box):
    box.use(D2)
    (record,) = (await handed_in(box)).records
    await box.recording.accept(id=record.id, actor=REVIEWER)
    shown = await box.training.withdraw(id=record.id, reason="Another report", actor=OPERATOR)
    assert duty(shown, "review").state == "owed"
    (taken,) = shown.records
    assert (taken.state, taken.withdrawn_by, taken.reason) == ("taken back", "uid 0", "Another report")
    with pytest.raises(Conflict):
        await box.training.withdraw(id=record.id, reason="Again", actor=OPERATOR)


async def test_an_old_record_has_run_out(box):
    (record,) = (await handed_in(box)).records
    await box.recording.accept(id=record.id, actor=REVIEWER)
    box.clock.time_ms += FULFILLED_MS
    assert (await box.view.show(project="nlp")).records[0].state == "run out"


async def test_projects_that_do_not_exist_are_not_found(box):
    for asking in (
        box.view.show(project="none"),
        box.view.show_all(project="none"),
        box.recording.submit(project="none", duty="review", actor=OPERATOR, evidence=EVIDENCE),
        box.recording.fulfil(project="none", duty="review", who="Ada", actor=OPERATOR, evidence=EVIDENCE),
        box.training.record(project="none", what="x", gflop=1, sequence=1, actor=OPERATOR),
    ):
        with pytest.raises(NotFound):
            await asking
