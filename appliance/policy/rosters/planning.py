"""What a class list changes: who is new, who joins, who is there already."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from appliance.domain.people import Part, Person
from appliance.policy.rosters.ids import numbered
from appliance.policy.rosters.reading import Roster, Student

MOST_NAMESAKES: Final = 99
Outcome = Literal["new", "joins", "changed", "present", "skipped", "problem"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked of who is there: persons by id, their part in this project, whether they belong to other
    projects too. Who is ``foreign`` is not there for whoever asks: nobody in the list is meant by their id.
    """

    person: Callable[[str], Person | None]
    part: Callable[[str], Part | None]
    elsewhere: Callable[[str], bool]
    foreign: Callable[[str], bool] = lambda _person: False


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one line. ``person`` is as it will be; None where nobody is meant. ``part`` is the one
    that they get, None where they keep what they have.
    """

    line: int
    outcome: Outcome
    why: str
    person: Person | None = None
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What is wanted of all of them."""

    part: Part
    keep_email: bool
    now_ms: int


@dataclass(slots=True)
class _File:
    """What earlier lines said."""

    lines: dict[str, Student] = field(default_factory=dict)


def plan(roster: Roster, known: Known, *, part: Part, keep_email: bool, now_ms: int) -> tuple[Step, ...]:
    """A step for each line that says something, in their order."""
    file = _File()
    remarks = [Step(one.line, "problem" if one.problem else "skipped", one.says) for one in roster.remarks]
    wishes = _Wishes(part, keep_email, now_ms)
    steps = [_step(student, known, file, wishes) for student in roster.students]
    return tuple(sorted((*remarks, *steps), key=lambda step: step.line))


def _step(student: Student, known: Known, file: _File, wishes: _Wishes) -> Step:
    wanted = student.wish
    own = wanted.source == "given" and not known.foreign(wanted.id)
    meant = wanted.id if own else _free(student, known, file)
    if meant is None:
        return Step(student.line, "problem", "too many people of this name")
    if (earlier := file.lines.get(meant)) is not None:
        return Step(student.line, "skipped", f"the same person as line {earlier.line}")
    file.lines[meant] = student
    there = known.person(meant)
    if there is None:
        email = student.email if wishes.keep_email else ""
        person = Person(id=meant, name=student.name, created_ms=wishes.now_ms, email=email)
        return Step(student.line, "new", "; ".join(student.words), person, wishes.part)
    if there.erased_ms is not None:
        return Step(student.line, "problem", f"`{meant}` was erased, and is nobody's id any more")
    return _of_somebody(student, there, known, wishes)


def _of_somebody(student: Student, there: Person, known: Known, wishes: _Wishes) -> Step:
    words = list(student.words)
    own = not there.login and not known.elsewhere(there.id)
    email = student.email if wishes.keep_email else ""
    named = replace(there, name=student.name if own else there.name, email=email or there.email)
    if not own and there.name != student.name:
        words.append(f"is called `{there.name}` here")
    if there.ended_ms is not None:
        words.append("is suspended")
    before = known.part(there.id)
    gets: Part | None = None if before in {"lead", wishes.part} else wishes.part
    if before is None:
        outcome: Outcome = "joins"
    else:
        outcome = "changed" if gets is not None or named != there else "present"
    return Step(student.line, outcome, "; ".join(words), named, gets)


def _free(student: Student, known: Known, file: _File) -> str | None:
    """The id of whoever is meant, or the first one of its kind that nobody has."""
    for number in range(1, MOST_NAMESAKES):
        tried = numbered(student.wish.id, number)
        earlier, there = file.lines.get(tried), known.person(tried)
        if known.foreign(tried):
            continue
        if earlier is not None:
            if (earlier.name, earlier.email) == (student.name, student.email):
                return tried
        elif there is None or (there.name == student.name and _meant(student, tried, known)):
            return tried
    return None


def _meant(student: Student, person_id: str, known: Known) -> bool:
    return student.wish.source == "email" or known.part(person_id) is not None
