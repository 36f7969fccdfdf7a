"""Limits: ``budget set``, ``budget show`` and ``budget remove``. What requests take is the ledger's."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.allocation import Account, Allocation, Scope, Window
from appliance.domain.days import end_ms, first_ms
from appliance.domain.people import DEFAULT_ID, ApiKey, Part
from appliance.domain.results import BudgetState, Result
from appliance.errors import BadRequest, NotFound, NotPermitted
from appliance.policy.amounts import Converted, of_gpu_hours, of_requests, of_tokens
from appliance.policy.budget import MAX_CREDITS, MICRO_PER_CREDIT, parse_credits
from appliance.services.ledger.duties import Duties, NoDuties
from appliance.services.ledger.presenting import Standing, budget_state, total_of
from appliance.services.ledger.references import References, about


class Allocations(Protocol):
    """Where limits are remembered."""

    async def set(self, wanted: Allocation) -> Allocation:
        """Raises ``NotFound``, ``Conflict``."""
        ...

    async def get(self, allocation_id: str) -> Allocation:
        """Raises ``NotFound``."""
        ...

    async def end(self, allocation_id: str) -> Allocation:
        """Raises ``NotFound``, ``Conflict``."""
        ...

    async def standing(self, project_id: str) -> Sequence[tuple[Allocation, Sequence[Account]]]:
        """Raises ``NotFound``."""
        ...


class Belonging(Protocol):
    """Who is what in which project."""

    def part(self, project_id: str, person_id: str) -> Part | None:
        """None where they do not belong to it."""
        ...


class Keys(Protocol):
    """Which keys are in use."""

    def key(self, key_id: str) -> ApiKey | None:
        """None for one that is not in use any more."""
        ...


RecipeOf = Callable[[str], str]
"""The recipe's id of a model's name or alias. Raises ``ModelNotFound``."""


class LimitService:
    """Sets, shows and ends limits."""

    def __init__(
        self,
        allocations: Allocations,
        references: References,
        belonging: Belonging,
        keys: Keys,
        recipe_of: RecipeOf,
        *,
        duties: Duties = NoDuties(),  # noqa: B008 - has no state
    ) -> None:
        self._allocations = allocations
        self._references = references
        self._belonging = belonging
        self._keys = keys
        self._recipe_of = recipe_of
        self._duties = duties

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"budget.set": self.limit, "budget.show": self.show, "budget.remove": self.remove}

    async def limit(
        self,
        *,
        project: str = DEFAULT_ID,
        person: str | None = None,
        each_person: bool = False,
        key: str | None = None,
        model: str | None = None,
        window: str | None = None,
        starts: str | None = None,
        ends: str | None = None,
        credits: str | None = None,
        tokens: int | None = None,
        requests: int | None = None,
        gpu_hours: str | None = None,
        of: str | None = None,
        actor: Actor,
    ) -> BudgetState:
        """``budget set``. Raises ``BadRequest``, ``NotFound``, ``NotPermitted``, ``Conflict``."""
        scope, subject = self._whose(project, person=person, each=each_person, key=key, model=model)
        if scope is Scope.PROJECT:
            _require_operator(actor)
        kind, starts_ms, ends_ms = _when(window, starts, ends)
        amounts = {"credits": credits, "tokens": tokens, "requests": requests, "gpu_hours": gpu_hours}
        limit_micro, conversion = await self._amount(project, of, amounts)
        if (scope, kind) == (Scope.PROJECT, Window.TOTAL):
            await self._duties.check_limit(project, limit_micro)
        await self._allocations.set(
            Allocation("", project, scope, subject, kind, limit_micro, starts_ms, ends_ms)
        )
        return await self._state(project, conversion)

    async def show(self, *, project: str = DEFAULT_ID) -> BudgetState:
        """``budget show``. Raises ``NotFound``."""
        return await self._state(project)

    async def remove(self, *, allocation: str, project: str | None = None, actor: Actor) -> BudgetState:
        """``budget remove``. Raises ``NotFound``, ``NotPermitted``, ``Conflict``."""
        found = await self._allocations.get(allocation)
        if project is not None and found.project_id != project:
            raise NotFound("No allocation has this id. `carrel budget show` tells them.", param="allocation")
        if found.scope is Scope.PROJECT:
            _require_operator(actor)
        await self._allocations.end(allocation)
        return await self._state(found.project_id)

    async def _state(self, project: str, conversion: str = "") -> BudgetState:
        standing = await self._allocations.standing(project)
        left = _least_left(standing)
        reference = None if left is None else await self._references.of(project)
        return budget_state(standing, about(left, reference), conversion)

    def _whose(
        self, project: str, *, person: str | None, each: bool, key: str | None, model: str | None
    ) -> tuple[Scope, str]:
        if sum((person is not None, each, key is not None, model is not None)) > 1:
            raise BadRequest(
                "Say one of `--person`, `--each-person`, `--key` and `--model`, or none of them."
            )
        if person is not None:
            return Scope.PERSON, self._person(project, person)
        if key is not None:
            return Scope.KEY, self._key(project, key)
        if model is not None:
            return Scope.MODEL, self._recipe_of(model)
        return (Scope.PERSON if each else Scope.PROJECT), ""

    def _person(self, project: str, person: str) -> str:
        if self._belonging.part(project, person) is None:
            raise NotFound(
                f"No person of this id belongs to project {project}. "
                f"`carrel member list --project {project}` shows who does; a key of nobody in particular is "
                "limited with `--key`.",
                param="person",
            )
        return person

    def _key(self, project: str, key_id: str) -> str:
        key = self._keys.key(key_id)
        if key is None or key.project_id != project:
            raise NotFound(
                f"No key of this id belongs to project {project}. `carrel key list` shows them.", param="key"
            )
        return key_id

    async def _amount(
        self, project: str, of: str | None, amounts: Mapping[str, str | int | None]
    ) -> tuple[int | None, str]:
        given = {name: value for name, value in amounts.items() if value is not None}
        if len(given) != 1:
            raise BadRequest(
                "Say the limit in one way: `--credits`, `--tokens`, `--requests` or `--gpu-hours`.",
                param="credits",
            )
        ((name, value),) = given.items()
        if name == "credits":
            return parse_credits(str(value)), ""
        made = await self._converted(project, of, name, value)
        if made.micro > MAX_CREDITS * MICRO_PER_CREDIT:
            raise BadRequest(f"That is more than {MAX_CREDITS} credits.", param=name)
        return made.micro, made.how

    async def _converted(self, project: str, of: str | None, name: str, value: str | int) -> Converted:
        reference = await self._references.of(project, None if of is None else self._named(of))
        if reference is None:
            raise BadRequest(
                "Nothing was used yet, and not exactly one model runs: say which model with `--of`.",
                param="of",
            )
        if name == "gpu_hours":
            hours = parse_credits(str(value))
            if hours is None:
                raise BadRequest("Hours are a number. Say `--credits none` for no limit.", param=name)
            return of_gpu_hours(Decimal(hours) / MICRO_PER_CREDIT, reference)
        return (of_tokens if name == "tokens" else of_requests)(int(value), reference)

    def _named(self, model: str) -> str:
        _, at, form = model.partition("@")
        return self._recipe_of(model) + at + form


def _require_operator(actor: Actor) -> None:
    if actor.permission is Permission.LEAD:
        raise NotPermitted(
            "What a project may spend in all is set by who runs the box. Ask for more: "
            "`POST /v1/me/budget/request`; limits for persons, keys and models inside the project are yours.",
            rule="budget",
            waits_for="reviewer",
            param="project",
        )


def _when(window: str | None, starts: str | None, ends: str | None) -> tuple[Window, int | None, int | None]:
    kind = Window(window) if window is not None else (Window.TERM if starts or ends else Window.TOTAL)
    if kind is not Window.TERM:
        if starts or ends:
            raise BadRequest("Only a term has `--starts` and `--ends`.", param="window")
        return kind, None, None
    if not starts or not ends:
        raise BadRequest("A term needs `--starts` and `--ends`, its first and last day.", param="starts")
    first, end = first_ms(starts, "starts"), end_ms(ends, "ends")
    if end <= first:
        raise BadRequest("A term ends on the day that it starts, or later.", param="ends")
    return kind, first, end


def _least_left(standing: Standing) -> int | None:
    """What the project as a whole may still spend now."""
    own = [total_of(standing)] + [
        accounts[0]
        for one, accounts in standing
        if one.scope is Scope.PROJECT and one.window is not Window.TOTAL and accounts
    ]
    left = [one.left_micro for one in own if one.left_micro is not None]
    return min(left, default=None)
