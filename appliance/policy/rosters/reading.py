"""A class list, read into students, lines that are none, and problems, each with its line number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.errors import BadRequest
from appliance.policy.rosters.cells import MOST_CHARACTERS, clean_email, clean_name
from appliance.policy.rosters.columns import Columns, columns_of
from appliance.policy.rosters.ids import Wish, given_of, wish_of
from appliance.policy.rosters.lines import DELIMITERS, Line, lines_of, told_delimiter

MOST_LINES: Final = 5000
LINES_ABOVE: Final = 10
"""How many there may be above the heads of the columns."""
_TEST_STUDENTS: Final = frozenset({"test student", "student test", "student, test"})


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody in the list. ``words`` say what was done to their line, ``given`` is the id that the list has
    for them: login, number, the local part of an address, or the name.
    """

    line: int
    wish: Wish
    name: str
    email: str
    words: tuple[str, ...] = ()
    given: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A line without a student: skipped, or a problem."""

    line: int
    says: str
    problem: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """``form`` is ``canvas``, ``moodle``, ``nbgrader``, ``github-classroom`` or ``table``."""

    form: str
    students: tuple[Student, ...]
    remarks: tuple[Remark, ...]


def read_roster(text: str) -> Roster:
    """Raises ``BadRequest`` for what is no class list at all, or one that is far too long."""
    heads, columns, lines = _table(text)
    if len(lines) > MOST_LINES:
        raise BadRequest(f"A class list has at most {MOST_LINES} lines; this one has more.", param="file")
    read = [_read(line, columns) for line in lines if line.number > heads and not line.blank]
    above = [
        Remark(line.number, "above the heads of the columns", problem=False)
        for line in lines
        if line.number < heads and not line.blank
    ]
    return Roster(
        columns.form,
        tuple(one for one in read if isinstance(one, Student)),
        (*above, *(one for one in read if isinstance(one, Remark))),
    )


def _table(text: str) -> tuple[int, Columns, Sequence[Line]]:
    """The line of the heads, the columns, and all lines, as the delimiter has it that fits best."""
    told = told_delimiter(text)
    best: tuple[int, Columns, Sequence[Line]] | None = None
    for delimiter in DELIMITERS if told is None else (told,):
        lines = list(_some(text, delimiter))
        found = _heads(lines)
        if found is not None and (best is None or found[1].known > best[1].known):
            best = (*found, lines)
    if best is None:
        raise BadRequest(
            "The file has no line with heads of columns such as Student, Name, Username, Email or ID among "
            f"its first {LINES_ABOVE}: is it a class list in CSV?",
            param="file",
        )
    return best


def _some(text: str, delimiter: str) -> Sequence[Line]:
    lines: list[Line] = []
    for line in lines_of(text, delimiter):
        lines.append(line)
        if len(lines) > MOST_LINES:
            break
    return lines


def _heads(lines: Sequence[Line]) -> tuple[int, Columns] | None:
    for line in lines[:LINES_ABOVE]:
        if (columns := columns_of(line.cells)) is not None:
            return line.number, columns
    return None


def _read(line: Line, columns: Columns) -> Student | Remark:
    if line.fault:
        return Remark(line.number, line.fault, problem=True)
    if why := _no_student(_cell(line, columns.name) or line.cells[0]):
        return Remark(line.number, why, problem=False)
    return _student(line, columns)


def _student(line: Line, columns: Columns) -> Student | Remark:
    login, number, written = (_cell(line, one) for one in (columns.login, columns.number, columns.email))
    if max(map(len, (login, number, written))) > MOST_CHARACTERS:
        return Remark(line.number, f"a cell has more than {MOST_CHARACTERS} characters", problem=True)
    first, last, whole = (_cell(line, one) for one in (columns.first, columns.last, columns.name))
    name = clean_name(first, last, whole, last_name_first=columns.last_name_first)
    email = clean_email(written)
    wish = wish_of(login, number, email.text, name.text)
    if name.fault or wish is None:
        fault = name.fault or "neither a name, nor a login, nor an e-mail address"
        return Remark(line.number, fault, problem=True)
    words = tuple(word for word in (name.word, email.word) if word)
    given = given_of(login, number, email.text, name.text)
    return Student(line.number, wish, name.text or wish.id, email.text, words, given)


def _cell(line: Line, place: int | None) -> str:
    return "" if place is None or place >= len(line.cells) else line.cells[place]


def _no_student(name: str) -> str:
    plain = " ".join(name.lower().split())
    if plain.startswith("points possible"):
        return "the row of points that are possible"
    return "the test student of the course" if plain in _TEST_STUDENTS else ""
