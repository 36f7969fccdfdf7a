"""Which models a page offers somebody: those that they can ask, and beside the others why they cannot."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.model import ModelCard, ModelState
from appliance.domain.people import Caller
from appliance.services.classes.book import ClassBook
from appliance.web.parts import OfferedModel

_STATES: Final = {
    ModelState.LOADING: "It is being loaded; look again in a moment.",
    ModelState.RESTARTING: "It is being started anew; look again in a moment.",
    ModelState.STOPPING: "It is being stopped.",
    ModelState.FAILED: "It would not start; who runs the box sees why with `carrel model show`.",
}


@dataclass(frozen=True, slots=True)
class PresentModel:
    """A model that has processes. ``chats`` is false where it makes vectors."""

    id: str
    title: str
    state: ModelState
    chats: bool = True


class Directory(Protocol):
    """The models that run."""

    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        """What this caller may use now, under all its names, or could by an act of their own."""
        ...


@dataclass(frozen=True, slots=True)
class Wanting:
    """A model that somebody could ask for, and what stands against it; empty: nothing but that it does not
    run.
    """

    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Offering:
    """``why_not`` says in a sentence what a caller lacks for a model that runs; empty: nothing. ``wanting``
    are models that one can apply for, whether they run or not.
    """

    directory: Directory
    present: Callable[[], Sequence[PresentModel]]
    why_not: Callable[[Caller, str], str]
    wanting: Callable[[Caller], Sequence[Wanting]]
    classes: ClassBook
    clock: Clock

    def of(self, caller: Caller) -> tuple[OfferedModel, ...]:
        """What can be asked first."""
        sitting = self.classes.sitting(caller)
        cards = self.directory.cards(caller)
        found = [*self._of_cards(caller, cards)]
        listed = {card.id for card in cards}
        lesson = None if sitting is None else sitting.lesson
        found += self._others(caller, listed, lesson)
        return tuple(sorted(found, key=lambda one: not one.usable))

    def _of_cards(self, caller: Caller, cards: Sequence[ModelCard]) -> Iterator[OfferedModel]:
        for card in cards:
            why = self.why_not(caller, card.alias_of or card.id)
            yield OfferedModel(card.id, card.title, not why, why, card.chats, card)

    def _others(
        self, caller: Caller, listed: Collection[str], lesson: SchoolClass | None
    ) -> Iterator[OfferedModel]:
        present = [one for one in self.present() if one.id not in listed]
        for one in present:
            why = _of_class(lesson, one.id, self.clock.now_ms()) or _STATES.get(one.state, "")
            why = why or self.why_not(caller, one.id) or "It is not for this key."
            yield OfferedModel(one.id, one.title, usable=False, why=why, chats=one.chats)
        if lesson is None:
            there = {one.partition("@")[0] for one in (*listed, *(one.id for one in present))}
            for wanted in self.wanting(caller):
                if wanted.id not in there:
                    why = wanted.why or "It does not run. Ask who runs the box: `carrel model run`."
                    yield OfferedModel(wanted.id, wanted.title, usable=False, why=why)


def _of_class(lesson: SchoolClass | None, model: str, now_ms: int) -> str:
    if lesson is None:
        return ""
    if lesson.state(now_ms) == "over":
        return f"{lesson.title} is over."
    return "" if model in lesson.models else f"{lesson.title} does not use it."
