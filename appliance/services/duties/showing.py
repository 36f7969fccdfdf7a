"""Duties as operators and leads read them."""

from appliance.domain.duties import DutyFacts, DutyRecord, Owed, OwedDuty, TrainingRecord
from appliance.domain.results import (
    Checklist,
    ChecklistAnswer,
    ChecklistQuestion,
    DomainRow,
    DutyLevelRow,
    DutyRecordSummary,
    DutyRow,
    DutyStanding,
    DutyTableShown,
    ProjectDuties,
    TrainingSummary,
)
from appliance.policy.duties.answers import form
from appliance.policy.duties.checklist import QUESTIONS, VERSION
from appliance.policy.duties.domains import DOMAINS
from appliance.policy.duties.table import (
    DUTIES,
    FULFILLED_MS,
    GRACE_MS,
    MODEL_DIVISOR,
    TAGGED_DIVISOR,
    THRESHOLDS,
    Duty,
)

_DAY_MS = 86_400_000


def project_duties(facts: DutyFacts, owed: Owed, year_ms: int) -> ProjectDuties:
    """One project."""
    return ProjectDuties(
        project=facts.project.id,
        kind=facts.project.kind,
        tags=facts.project.tags,
        level=owed.level.name,
        because=owed.because,
        inference_gflop=facts.compute.inference_gflop,
        training_gflop=facts.compute.training_gflop,
        requested_gflop=facts.requested_gflop,
        model_gflop=facts.compute.model_gflop,
        year_ms=year_ms,
        duties=tuple(_standing(one) for one in owed.duties),
    )


def _standing(one: OwedDuty) -> DutyStanding:
    return DutyStanding(
        duty=one.duty,
        level=one.level.name,
        state=one.state,
        since_ms=one.since_ms,
        due_ms=one.due_ms,
        until_ms=one.until_ms,
        waits_for=one.waits_for,
        next_step=one.next_step,
    )


def record_summary(record: DutyRecord, now_ms: int) -> DutyRecordSummary:
    """One thing that was done."""
    return DutyRecordSummary(
        id=record.id,
        project=record.project_id,
        duty=record.duty,
        state=_state(record, now_ms),
        who=record.who,
        submitted_by=record.submitted_by,
        submitted_ms=record.submitted_ms,
        evidence=record.evidence,
        sha256=record.sha256,
        version=record.version,
        accepted_by=record.accepted_by,
        accepted_ms=record.accepted_ms,
        until_ms=record.until_ms,
        self_approved=record.self_approved,
        withdrawn_by=record.withdrawn_by,
        withdrawn_ms=record.withdrawn_ms,
        reason=record.reason,
        answers=tuple(_answer(name, text) for name, text in record.answers.items()),
    )


def _state(record: DutyRecord, now_ms: int) -> str:
    if record.withdrawn_ms is not None:
        return "taken back"
    if record.accepted_ms is None:
        return "submitted"
    return "counts" if record.counts(now_ms) else "run out"


def _answer(id: str, text: str) -> ChecklistAnswer:
    asked = next((one for one in QUESTIONS if one.id == id), None)
    return ChecklistAnswer(
        id=id,
        function=asked.function if asked else "",
        category=asked.category if asked else "",
        question=asked.text if asked else "",
        answer=text,
    )


def training_summary(one: TrainingRecord) -> TrainingSummary:
    """One training."""
    return TrainingSummary(
        id=one.id,
        project=one.project_id,
        gflop=one.gflop,
        what=one.what,
        recorded_by=one.recorded_by,
        recorded_ms=one.recorded_ms,
        withdrawn_ms=one.withdrawn_ms,
    )


def table() -> DutyTableShown:
    """All of it."""
    return DutyTableShown(
        levels=tuple(
            DutyLevelRow(
                level=row.level.name,
                inference_gflop=row.inference_gflop,
                training_gflop=row.training_gflop,
                model_gflop=row.model_gflop,
            )
            for row in THRESHOLDS
        ),
        duties=tuple(_row(one) for one in DUTIES),
        domains=tuple(DomainRow(tag=tag, words=words) for tag, words in DOMAINS.items()),
        tagged_divisor=TAGGED_DIVISOR,
        model_divisor=MODEL_DIVISOR,
        grace_days=GRACE_MS // _DAY_MS,
        counts_days=FULFILLED_MS // _DAY_MS,
    )


def _row(one: Duty) -> DutyRow:
    research, course, evaluation = (one.from_level(kind) for kind in ("research", "course", "evaluation"))
    return DutyRow(
        duty=one.name,
        words=one.words,
        research="" if research is None else research.name,
        course="" if course is None else course.name,
        evaluation="" if evaluation is None else evaluation.name,
        signed_off=one.signed_off,
    )


def checklist() -> Checklist:
    """The questions, and the form."""
    return Checklist(
        version=VERSION,
        questions=tuple(
            ChecklistQuestion(id=one.id, function=one.function, category=one.category, question=one.text)
            for one in QUESTIONS
        ),
        form=form(),
    )
