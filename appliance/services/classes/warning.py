"""Gathers what a teacher is warned of before a lesson."""

from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.usage import Budget
from appliance.errors import BadRequest, ModelNotFound, NotFound
from appliance.policy.classes.warning import ClassFacts, warnings
from appliance.services.classes.book import ClassBook


class Names(Protocol):
    """What a model's name means."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Budgets(Protocol):
    """What projects may spend in all."""

    async def get(self, project_id: str) -> Budget:
        """Raises ``NotFound``."""
        ...


class Costs(Protocol):
    """What tokens cost a seat."""

    async def micro(self, lesson: SchoolClass, tokens: int) -> int | None:
        """None for no limit. Raises ``BadRequest`` where nobody knows."""
        ...


class ClassWarnings:
    """``answers`` says whether a model, by its id with form, answers now."""

    def __init__(
        self,
        book: ClassBook,
        *,
        answers: Callable[[str], bool],
        names: Names,
        budgets: Budgets,
        costs: Costs,
        clock: Clock,
    ) -> None:
        self._book = book
        self._answers = answers
        self._names = names
        self._budgets = budgets
        self._costs = costs
        self._clock = clock

    async def of(self, lesson: SchoolClass) -> Sequence[str]:
        """One sentence each; none for a class that is over."""
        facts = ClassFacts(
            stopped=tuple(one for one in lesson.models if not self._answers(one)),
            elsewhere=tuple(one for one in lesson.models if self._is_elsewhere(one)),
            needs_micro=await self._needs(lesson),
            left_micro=await self._left(lesson),
        )
        return warnings(lesson, facts, self._clock.now_ms())

    def _is_elsewhere(self, model: str) -> bool:
        try:
            return self._names.find(model)[0].upstream is not None
        except ModelNotFound:
            return False

    async def _needs(self, lesson: SchoolClass) -> int | None:
        try:
            each = await self._costs.micro(lesson, lesson.caps.tokens)
        except BadRequest:
            return None
        seats = len(self._book.seats(lesson.id)) + lesson.guests
        return None if each is None else each * seats

    async def _left(self, lesson: SchoolClass) -> int | None:
        try:
            budget = await self._budgets.get(lesson.project_id)
        except NotFound:
            return None
        return budget.left_micro
