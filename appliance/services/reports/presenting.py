"""Reports as they are told. Pure."""

from appliance.domain.reports import Report
from appliance.domain.results.reports import ReportLine


def report_line(one: Report) -> ReportLine:
    """One report."""
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
    )


def _text(number: float | None) -> str | None:
    return None if number is None else f"{number:g}"
