"""The models that a member of a class finds in lists: those of the class, the first one as ``class-model``
too.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from appliance.domain.classes import CLASS_MODEL
from appliance.domain.clock import Clock
from appliance.domain.model import ModelCard
from appliance.domain.people import Caller
from appliance.services.classes.book import ClassBook


class Directory(Protocol):
    """The models that run."""

    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        """What this caller may use now, under all its names."""
        ...


class ListedModels:
    """A ``Directory``. To who is of no class nothing is different."""

    def __init__(self, models: Directory, book: ClassBook, clock: Clock) -> None:
        self._models = models
        self._book = book
        self._clock = clock

    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        """What this caller may use now; before their class is open, what they will. Nothing after it."""
        found = self._models.cards(caller)
        sitting = self._book.sitting(caller)
        if sitting is None:
            return found
        lesson = sitting.lesson
        state = lesson.state(self._clock.now_ms())
        if state == "over":
            return ()
        by_id = {card.id: card for card in found if (card.alias_of or card.id) in lesson.models}
        first = by_id.get(lesson.models[0]) if lesson.models else None
        if first is None or state == "planned":
            return tuple(by_id.values())
        return (replace(first, id=CLASS_MODEL, alias_of=first.id), *by_id.values())
