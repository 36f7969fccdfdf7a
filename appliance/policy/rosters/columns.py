"""Which column is what, by the words that course systems put above them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_PLAIN: Final = re.compile(r"[^a-z0-9]+")
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "login": (
        "sisloginid",
        "loginid",
        "login",
        "username",
        "netid",
        "account",
        "benutzername",
        "identifier",
    ),
    "number": (
        "sisuserid",
        "idnumber",
        "studentid",
        "studentnumber",
        "matriculationnumber",
        "matrikelnummer",
        "id",
        "lmsuserid",
    ),
    "name": ("student", "studentname", "fullname", "displayname", "name", "sortablename"),
    "first": ("firstname", "givenname", "forename", "vorname"),
    "last": ("lastname", "surname", "familyname", "nachname"),
    "email": ("email", "emailaddress", "mail", "emailadresse"),
}
"""The first one that a file has counts, in this order."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a line; None for what the file does not have. ``form`` names what exported it."""

    form: str
    login: int | None
    number: int | None
    name: int | None
    first: int | None
    last: int | None
    email: int | None

    @property
    def known(self) -> int:
        """How many were recognized."""
        found = (self.login, self.number, self.name, self.first, self.last, self.email)
        return sum(one is not None for one in found)

    @property
    def last_name_first(self) -> bool:
        """Whether names are written "Last, First"."""
        return self.form == "canvas"


def columns_of(cells: Sequence[str]) -> Columns | None:
    """None where the cells are no heads of a class list."""
    heads = [_PLAIN.sub("", cell.lower()) for cell in cells]
    places = {what: _place(heads, words) for what, words in _WORDS.items()}
    # A number alone, called "id", is in any table.
    if all(place is None for what, place in places.items() if what != "number"):
        return None
    return Columns(form=_form(frozenset(heads)), **places)


def _place(heads: Sequence[str], words: Sequence[str]) -> int | None:
    return next((heads.index(word) for word in words if word in heads), None)


def _form(heads: frozenset[str]) -> str:
    if "student" in heads and heads & {"sisloginid", "sisuserid", "id", "section"}:
        return "canvas"
    if {"firstname", "lastname", "lmsuserid"} <= heads:
        return "nbgrader"
    if {"identifier", "githubusername"} <= heads:
        return "github-classroom"
    if heads & {"firstname"} and heads & {"surname", "lastname"}:
        return "moodle"
    return "table"
