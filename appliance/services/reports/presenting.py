"""Reports as they are told. Pure."""

from appliance.domain.report_travel import NO_JOURNEY, Journey
from appliance.domain.reports import Report
from appliance.domain.results.reports import ReportLine


def report_line(one: Report, journey: Journey = NO_JOURNEY) -> ReportLine:
    """One report."""
    travel, origin = journey.travel, journey.origin
    return ReportLine(
        id=one.id,
        state=one.state,
        severity=one.severity,
        category=one.category,
        description=one.description,
        model=one.model.id,
        recipe_revision=one.model.recipe_revision,
        file_sha256=one.model.file_sha256,
        prompt_sha256=one.prompt_sha256,
        seed=one.drawn.seed,
        temperature=_text(one.drawn.temperature),
        top_p=_text(one.drawn.top_p),
        top_k=one.drawn.top_k,
        max_tokens=one.drawn.max_tokens,
        seen=one.seen,
        prompt="sealed" if one.keys else "not kept",
        person=one.holder,
        project=one.project_id,
        made_ms=one.made_ms,
        reason=one.reason,
        micro=one.micro,
        paid=one.paid,
        decided_by=one.decided_by,
        decided_ms=one.decided_ms,
        origin="" if origin is None else f"box {origin.box[:12]} of {origin.institution}",
        owner="" if travel is None else travel.state,
        owner_verdict="" if travel is None else travel.verdict,
        owner_reason="" if travel is None else travel.reason,
        consented_by="" if travel is None else travel.consented_by,
    )


def _text(number: float | None) -> str | None:
    return None if number is None else f"{number:g}"
