"""Whether anything is computed for a person in a project at all: before any tier, license or budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.domain.days import day_text
from appliance.domain.people import DEFAULT_ID, Caller, Part, Person, Project

OPERATOR: Final = "who runs the box"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why nothing is. ``waits_for`` is who can change that; empty where time does. Who is ``outside`` does
    not even see what was theirs.
    """

    rule: Literal["person", "project", "membership"]
    message: str
    waits_for: str
    outside: bool = False


def fault_of(
    caller: Caller,
    *,
    person: Person | None,
    project: Project | None,
    part: Part | None,
    leads: Sequence[str],
    now_ms: int,
) -> Fault | None:
    """None where a person and their project are in good standing, and belong together. A key of nobody in
    particular belongs to its project.
    """
    return (
        _of_person(caller, person)
        or _of_membership(caller, part, leads)
        or _of_project(caller, project, now_ms)
    )


def _of_person(caller: Caller, person: Person | None) -> Fault | None:
    if person is None or person.erased_ms is not None:
        return Fault(
            "person", f"This key is of nobody any more. Ask {OPERATOR} for a new one.", "admin", True
        )
    if person.ended_ms is None:
        return None
    return Fault(
        "person",
        f"`{caller.person_id}` is suspended since {day_text(person.ended_ms)}. Ask {OPERATOR}: "
        f"`carrel person resume {caller.person_id}` ends it.",
        "admin",
    )


def _of_membership(caller: Caller, part: Part | None, leads: Sequence[str]) -> Fault | None:
    if part is not None or caller.person_id == DEFAULT_ID:
        return None
    return Fault(
        "membership",
        f"`{caller.person_id}` does not belong to project `{caller.project_id}` any more. Ask "
        f"{_whom(leads)}: `carrel member add {caller.person_id} --project {caller.project_id}`.",
        "lead" if leads else "admin",
        outside=True,
    )


def _of_project(caller: Caller, project: Project | None, now_ms: int) -> Fault | None:
    name = caller.project_id
    if project is None:
        return Fault("project", f"There is no project `{name}` any more. Ask {OPERATOR}.", "admin", True)
    if project.closed_ms is not None:
        return Fault(
            "project",
            f"Project `{name}` is closed since {day_text(project.closed_ms)}. Ask {OPERATOR}: "
            f"`carrel project reopen {name}` opens it again.",
            "admin",
        )
    if project.starts_ms is not None and now_ms < project.starts_ms:
        begins = day_text(project.starts_ms)
        return Fault("project", f"Project `{name}` begins on {begins} (UTC); send it again then.", "")
    if project.ends_ms is not None and now_ms >= project.ends_ms:
        return Fault(
            "project",
            f"Project `{name}` ended with {day_text(project.ends_ms - 1)} (UTC). Ask {OPERATOR}: "
            f"`carrel project set {name} --ends DAY` gives it more time.",
            "admin",
        )
    return None


def _whom(leads: Sequence[str]) -> str:
    return f"whoever leads it (`{'`, `'.join(leads[:3])}`)" if leads else OPERATOR
