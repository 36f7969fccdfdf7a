"""In an exam a seat is one browser: whoever has it keeps it until a teacher releases it."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.people import Person
from appliance.services.classes.book import ClassBook


class Leads(Protocol):
    """Who leads which project."""

    def leads(self, project_id: str) -> Sequence[str]:
        """Ids of those who lead it."""
        ...

    def person(self, id: str) -> Person | None:
        """Of that id."""
        ...


class ExamSeats:
    """Says whose keys may have one session at a time."""

    def __init__(self, book: ClassBook, there: Leads) -> None:
        self._book = book
        self._there = there

    def refusal(self, key_id: str) -> str:
        """The sentence for a second session of a seat, with who can release it; empty outside of exams."""
        sitting = self._book.sitting_of_key(key_id)
        if sitting is None or sitting.lesson.mode != "exam":
            return ""
        return (
            "This seat is taken in another browser, and an exam has one for each seat. "
            f"{self._who(sitting.lesson.project_id)} can release it."
        )

    def _who(self, project_id: str) -> str:
        leads = (self._there.person(one) for one in self._there.leads(project_id))
        names = [one.name or one.id for one in leads if one is not None]
        return " or ".join(names) or "Who runs the box"
