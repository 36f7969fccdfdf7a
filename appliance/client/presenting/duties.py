"""What projects owe, in sentences a project can act on; the table; the checklist as a form."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import day, sheet, state, table
from appliance.domain.plain_text import many_lines, one_line
from appliance.domain.results import (
    Checklist,
    DutyDetail,
    DutyList,
    DutyRecordSummary,
    DutyStanding,
    DutyTableShown,
    ProjectDuties,
    TrainingSummary,
)


def flop(gflop: int) -> str:
    """In FLOP, two digits."""
    digits, _, power = f"{gflop * 10**9:.1e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(power)}"


def duty_list(result: DutyList) -> RenderableType:
    """One line a duty; a project that owes nothing has one line too."""
    if not result.projects:
        return Text("Nothing is owed.")
    rows = [row for one in result.projects for row in _lines(one)]
    columns = ("PROJECT", "LEVEL", "DUTY", "STATE", "SINCE (UTC)", "DUE (UTC)", "WAITS FOR", "NEXT STEP")
    return table(columns, rows)


def duty_detail(result: DutyDetail) -> RenderableType:
    """Use, duties, then what was done."""
    one = result.standing
    parts: list[RenderableType] = [
        sheet(
            [
                ("project", f"{one.project} ({one.kind})"),
                *([("domains", ", ".join(one.tags))] if one.tags else ()),
                ("level", f"{one.level}{f': it {one.because}' if one.because else ''}"),
                ("answers", f"{_amount(one.inference_gflop)} since {day(one.year_ms)} UTC"),
                ("training", _amount(one.training_gflop)),
                ("asks for", _amount(one.requested_gflop) if one.requested_gflop else "no set amount"),
                *([("largest model", f"trained with {_amount(one.model_gflop)}")] if one.model_gflop else ()),
            ]
        )
    ]
    if one.duties:
        columns = ("DUTY", "STATE", "SINCE (UTC)", "DUE (UTC)", "WAITS FOR", "NEXT STEP")
        parts += [Text(""), table(columns, [_line(duty) for duty in one.duties])]
    if result.records:
        parts += [Text(""), _records(result.records)]
    if result.trainings:
        parts += [Text(""), _trainings(result.trainings)]
    for record in result.records:
        for answer in record.answers:
            parts += [Text(""), Text(one_line(f"{answer.id}: {answer.question}"), style="bold")]
            parts += [Text(many_lines(answer.answer))]
    return Group(*parts)


def duty_table(result: DutyTableShown) -> RenderableType:
    """Levels, duties, domains."""
    levels = [
        (row.level, flop(row.inference_gflop), flop(row.training_gflop), flop(row.model_gflop))
        for row in result.levels
    ]
    duties = [
        (row.duty, *(one or "never" for one in (row.research, row.course, row.evaluation)), row.words)
        for row in result.duties
    ]
    return Group(
        table(("LEVEL", "ANSWERS ABOVE", "TRAINING ABOVE", "LARGE MODEL ABOVE"), levels),
        Text(
            f"FLOP in a project's year. A {_part(result.tagged_divisor)} suffices in a domain of care, a "
            f"{_part(result.model_divisor)} for a large model; both multiply."
        ),
        Text(""),
        table(("DUTY", "RESEARCH", "COURSE", "EVALUATION", "WHAT"), duties),
        Text(f"{result.grace_days} days to do it; then it counts for {result.counts_days} days."),
        Text(""),
        table(("DOMAIN", "WHAT"), [(row.tag, row.words) for row in result.domains]),
    )


def checklist(result: Checklist) -> RenderableType:
    """The form as it is filled in."""
    return Text(many_lines(result.form))


def _amount(gflop: int) -> str:
    return f"{flop(gflop)} FLOP" if gflop else "none"


def _part(divisor: int) -> str:
    return "tenth" if divisor == 10 else f"part in {divisor}"


def _lines(one: ProjectDuties) -> list[tuple[object, ...]]:
    if not one.duties:
        return [(one.project, one.level, "", "owes nothing", "", "", "", "")]
    return [(one.project, one.level, *_line(duty)) for duty in one.duties]


def _line(duty: DutyStanding) -> tuple[object, ...]:
    fulfilled = duty.state == "fulfilled"
    since = "" if duty.since_ms is None else day(duty.since_ms)
    due = "" if duty.due_ms is None else day(duty.due_ms)
    if fulfilled:
        due = "" if duty.until_ms is None else f"again {day(duty.until_ms)}"
    elif duty.due_ms is None:
        due = "before more is given"
    return (duty.duty, state(duty.state), since, due, duty.waits_for, duty.next_step)


def _records(records: tuple[DutyRecordSummary, ...]) -> RenderableType:
    rows = [
        (
            one.id,
            one.duty,
            state(one.state),
            one.who,
            day(one.submitted_ms),
            _signed(one),
            "" if one.until_ms is None else day(one.until_ms),
            one.reason or one.evidence,
        )
        for one in records
    ]
    columns = ("ID", "DUTY", "STATE", "BY", "HANDED IN (UTC)", "SIGNED OFF", "UNTIL (UTC)", "EVIDENCE")
    return table(columns, rows)


def _signed(one: DutyRecordSummary) -> str:
    return f"{one.accepted_by} (self-approved)" if one.self_approved else one.accepted_by


def _trainings(trainings: tuple[TrainingSummary, ...]) -> RenderableType:
    rows = [
        (
            one.id,
            flop(one.gflop),
            day(one.recorded_ms),
            one.recorded_by,
            "taken back" if one.withdrawn_ms is not None else one.what,
        )
        for one in trainings
    ]
    return table(("ID", "FLOP", "RECORDED (UTC)", "BY", "WHAT"), rows, right=("FLOP",))


PRESENTERS: Final[dict[Any, Any]] = {
    DutyList: duty_list,
    DutyDetail: duty_detail,
    DutyTableShown: duty_table,
    Checklist: checklist,
}
