"""What people are told of duties: one sentence each, in ASCII, since it also goes into a header."""

from datetime import UTC, datetime

from appliance.domain.duties import DutyFacts, DutyRecord, Owed, OwedDuty, WaitsFor
from appliance.policy.duties.table import Duty

_SHOWN = "`carrel duty show --project {project}` tells all."


def waits_for(facts: DutyFacts, waiting: DutyRecord | None) -> WaitsFor:
    """Whom the next step waits for: a project that nobody leads waits for whoever runs the box."""
    if waiting is not None:
        return "reviewer"
    return "lead" if facts.has_lead else "operator"


def next_step(row: Duty, facts: DutyFacts, waiting: DutyRecord | None) -> str:
    """What brings it on: a lead's own request, and the command."""
    if waiting is not None:
        return f"`carrel duty accept {waiting.id}`"
    own, command = _steps(row, facts.project.id, "--person LEAD" if facts.has_lead else "--who NAME")
    return f"{own}, or `carrel {command}`" if facts.has_lead else f"`carrel {command}`"


def _steps(row: Duty, project: str, signer: str) -> tuple[str, str]:
    if row.name == "conduct":
        return "`POST /v1/me/agreement/sign`", f"agreement sign --project {project} {signer}"
    if row.name == "description":
        return "`POST /v1/me/agreement/sign` with `purpose`", f"project set {project} --purpose TEXT"
    matter = "--answers FILE" if row.name == "extended-review" else "--evidence TEXT"
    own = f"`POST /v1/projects/{project}/duty/submit`"
    return own, f"duty submit --project {project} --duty {row.name} {matter}"


def noticed(project: str, owed: Owed, one: OwedDuty) -> str:
    """While there is time."""
    by = f" by {day_text(one.due_ms)}" if one.due_ms is not None else ""
    return (
        f"Project {project} owes {duty_words(one)}{by}: it {owed.because}, which is level {owed.level.name}. "
        f"{_whom(one)}"
    )


def refused_request(project: str, owed: Owed, one: OwedDuty) -> str:
    """Once there is none left."""
    since = f" since {day_text(one.since_ms)}" if one.since_ms is not None else ""
    return (
        f"Project {project} owes {duty_words(one)}{since}, so nothing is computed for it: it {owed.because}, "
        f"which is level {owed.level.name}. {_whom(one)} {_SHOWN.format(project=project)}"
    )


def refused_allocation(project: str, owed: Owed, one: OwedDuty) -> str:
    """Before more is given to it."""
    return (
        f"Project {project} owes {duty_words(one)} before it is given more to spend: it {owed.because}, "
        f"which is level {owed.level.name}. {_whom(one)} {_SHOWN.format(project=project)}"
    )


def duty_words(one: OwedDuty) -> str:
    """A duty in a sentence."""
    return {
        "conduct": "the signature under the code of conduct",
        "description": "a description of its purpose",
        "review": "a review",
        "publication-policy": "a publication policy",
        "extended-review": "an extended review",
        "external-audit": "evidence of an external audit or red-teaming",
    }[one.duty]


def day_text(time_ms: int) -> str:
    """The day in UTC."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d")


def _whom(one: OwedDuty) -> str:
    whom = {"reviewer": "a reviewer", "lead": "its lead", "operator": "whoever runs the box"}
    return f"It waits for {whom.get(one.waits_for, 'nobody')}: {one.next_step}."
