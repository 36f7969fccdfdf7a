"""A class list read before anything is written: who is in it, and what is wrong in which line. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Final

from appliance.domain.actions.people import ROSTER_CHARACTERS
from appliance.domain.results import ClassRoster, RosterSeat
from appliance.domain.text_files import text_of
from appliance.errors import BadRequest, BodyTooLarge
from appliance.policy.rosters.planning import Known, Step, plan
from appliance.policy.rosters.reading import read_roster

_FORMS: Final = {
    "canvas": "Canvas",
    "moodle": "Moodle",
    "nbgrader": "nbgrader",
    "github-classroom": "GitHub Classroom",
    "table": "a table",
}
_OUTCOMES: Final = {
    "new": "new",
    "joins": "comes in",
    "changed": "changes",
    "present": "there already",
    "skipped": "left out",
    "problem": "cannot be taken in",
    "missing": "not in this list, keeps the seat",
}
_TAKEN: Final = frozenset({"new", "joins", "changed", "present"})


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line of the list. ``word`` is what becomes of it."""

    line: int
    word: str
    name: str
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class RosterPreview:
    """``wrong`` are lines that cannot be taken in, ``out`` those that are no student, and
    students of the class whom the list leaves out. ``mark`` is of the text that was looked at.
    """

    form: str
    taken: tuple[PreviewLine, ...]
    wrong: tuple[PreviewLine, ...]
    out: tuple[PreviewLine, ...]
    mark: str


def roster_text(written: str, file: bytes, name: str) -> str:
    """The list that somebody gave: the file where there is one, else what they wrote; with the line ends that
    a form keeps. Raises ``BadRequest`` for what is no text, ``BodyTooLarge``.
    """
    text = text_of(file, name or "The file") if file else written
    # What an HTML form would change on its way back and forth is changed once, here.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    if len(text) > ROSTER_CHARACTERS:
        raise BodyTooLarge(f"A class list has at most {ROSTER_CHARACTERS} characters; this one has more.")
    return text


def mark_of_text(text: str) -> str:
    """By which a text that was looked at is known again."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def preview_of_text(text: str) -> RosterPreview:
    """Of a list for a class that is not there yet. Raises ``BadRequest`` for what is no class list."""
    known = Known(person=lambda _: None, part=lambda _: None, elsewhere=lambda _: False)
    roster = read_roster(text)
    steps = plan(roster, known, part="member", keep_email=False, now_ms=0)
    if not roster.students:
        raise BadRequest("There is no student in this list; a class needs one line each.", param="roster")
    return _preview(roster.form, [_of_step(step) for step in steps], text)


def preview_of_dry_run(result: ClassRoster, text: str) -> RosterPreview:
    """Of a list for a class that is there, as a dry run told it."""
    return _preview(result.form, [_of_seat(line) for line in result.lines], text)


def _preview(form: str, lines: list[tuple[str, PreviewLine]], text: str) -> RosterPreview:
    return RosterPreview(
        form=_FORMS.get(form, form),
        taken=tuple(line for outcome, line in lines if outcome in _TAKEN),
        wrong=tuple(line for outcome, line in lines if outcome == "problem"),
        out=tuple(line for outcome, line in lines if outcome not in {"problem", *_TAKEN}),
        mark=mark_of_text(text),
    )


def _of_step(step: Step) -> tuple[str, PreviewLine]:
    name, person = ("", "") if step.person is None else (step.person.name, step.person.id)
    return step.outcome, PreviewLine(step.line, _OUTCOMES[step.outcome], name, person, step.why)


def _of_seat(line: RosterSeat) -> tuple[str, PreviewLine]:
    word = _OUTCOMES.get(line.outcome, line.outcome)
    return line.outcome, PreviewLine(line.line, word, line.name, line.given or line.person, line.why)
