"""The gate of classes: keys of a class are answered while it is open, by its models, from its networks; and
what those keys mean by ``class-model``. Who belongs to the course with another key is not touched by it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from appliance.domain.classes import CLASS_MODEL, FrozenModel, SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.generation import GenerationRequest
from appliance.domain.people import Caller
from appliance.errors import NotPermitted
from appliance.policy.classes.admitting import (
    RULE,
    AskedModel,
    ClassRefusal,
    LocalTime,
    exam_notice,
    refused_address,
    refused_model,
    refused_now,
    seed_of,
)
from appliance.services.admission.gates import Asked
from appliance.services.classes.book import ClassBook
from appliance.services.classes.rehearsal_keys import RehearsalKeys

AsRuns = Callable[[str], FrozenModel | None]
"""A model, by its id with form, as it runs now; None where it does not."""


class ClassGate:
    """``runs`` tells what answers now; ``local`` how a moment is told to people."""

    name: Final = RULE

    def __init__(
        self,
        book: ClassBook,
        rehearsals: RehearsalKeys,
        *,
        runs: AsRuns,
        local: LocalTime,
        clock: Clock,
    ) -> None:
        self._book = book
        self._rehearsals = rehearsals
        self._runs = runs
        self._local = local
        self._clock = clock

    def let(self, asked: Asked) -> Asked:
        """Raises ``NotPermitted``."""
        lesson = self._lesson(asked.caller)
        if lesson is None:
            return asked
        model = AskedModel(asked.model, _host(asked), self._runs(asked.model))
        refusal = (
            self._refused_now(asked.caller, lesson)
            or refused_address(lesson, self._address(asked.caller))
            or refused_model(lesson, model)
        )
        if refusal is not None:
            raise _error(refusal)
        return _seeded(asked, seed_of(lesson))

    def rename(self, caller: Caller, name: str) -> str:
        """The model that a caller means; the name itself, but for ``class-model``."""
        lesson = self._lesson(caller)
        if lesson is None:
            return name
        if name == CLASS_MODEL and lesson.models:
            return lesson.models[0]
        return name

    def refusal(self, caller: Caller) -> NotPermitted | None:
        """Why what runs for a caller has to end; None where it may go on."""
        lesson = self._lesson(caller)
        refused = None if lesson is None else self._refused_now(caller, lesson)
        return None if refused is None else _error(refused)

    def check_address(self, caller: Caller) -> None:
        """Whether a batch may come from where it does. Raises ``NotPermitted``."""
        lesson = self._lesson(caller)
        refused = None if lesson is None else refused_address(lesson, self._address(caller))
        if refused is not None:
            raise _error(refused)

    def is_of_class(self, caller: Caller) -> bool:
        """Whether their key is of a class."""
        return self._lesson(caller) is not None

    def given_by(self, key_id: str) -> str:
        """Who gave a key its limits, within a sentence; empty for a key of no class."""
        of_class = self._book.sitting_of_key(key_id) or self._rehearsals.class_of(key_id)
        return "this class" if of_class else ""

    def _lesson(self, caller: Caller) -> SchoolClass | None:
        rehearsed = self._rehearsals.class_of(caller.key_id)
        if rehearsed is not None:
            return self._book.find(rehearsed)
        sitting = self._book.sitting(caller)
        return None if sitting is None else sitting.lesson

    def _refused_now(self, caller: Caller, lesson: SchoolClass) -> ClassRefusal | None:
        refused = refused_now(lesson, self._clock.now_ms(), self._local)
        if self._rehearses(caller) and lesson.state(self._clock.now_ms()) != "over":
            return None
        return refused

    def _address(self, caller: Caller) -> str:
        """A rehearsal comes from the box itself."""
        return "" if self._rehearses(caller) else caller.address

    def _rehearses(self, caller: Caller) -> bool:
        return self._rehearsals.class_of(caller.key_id) is not None


def _host(asked: Asked) -> str:
    return "" if asked.recipe.upstream is None else asked.recipe.upstream.host


def _seeded(asked: Asked, seed: int | None) -> Asked:
    request = asked.request
    if seed is None or not isinstance(request, GenerationRequest):
        return asked
    sampling = replace(request.sampling, seed=seed)
    return replace(asked, request=replace(request, sampling=sampling)).noticed(exam_notice(seed))


def _error(refusal: ClassRefusal) -> NotPermitted:
    return NotPermitted(refusal.message, rule=RULE, waits_for=refusal.waits_for, param=refusal.param)
