"""Asking for more: asked, decided, recorded. What is approved becomes adjustments in the same transaction."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.adjustment import Adjustment, AskedScope, BudgetRequest
from appliance.domain.allocation import Account, Scope
from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID, Caller, Part
from appliance.domain.results import BudgetRequestList, BudgetRequestState, Result
from appliance.errors import BadRequest, NotFound, NotPermitted
from appliance.policy.budget import parse_credits
from appliance.services.labels import require_label
from appliance.services.ledger.adjusting import gift, gifts_to
from appliance.services.ledger.duties import Duties, NoDuties
from appliance.services.ledger.own import limiting
from appliance.services.ledger.presenting import request_state

MOST_OPEN: Final = 3
SELF_APPROVED: Final = "self-approved"


class BudgetRequests(Protocol):
    """Where they are remembered."""

    async def add(self, request: BudgetRequest, most_open: int) -> None:
        """Raises ``TryAgain``."""
        ...

    async def decide(self, decided: BudgetRequest, gifts: Sequence[Adjustment]) -> None:
        """Raises ``Conflict``."""
        ...

    async def get(self, request_id: str) -> BudgetRequest:
        """Raises ``NotFound``."""
        ...

    async def all(self, project_id: str | None, *, every: bool) -> Sequence[BudgetRequest]:
        """The latest first."""
        ...


class Accounts(Protocol):
    """What limits whom."""

    async def of_caller(self, caller: Caller) -> Sequence[Account]:
        """All accounts that requests of this caller count to now."""
        ...


class Belonging(Protocol):
    """Who is what in which project."""

    def part(self, project_id: str, person_id: str) -> Part | None:
        """None where they do not belong to it."""
        ...


class AskingService:
    """Answers ``budget request``, ``budget requests`` and ``budget decide``."""

    def __init__(
        self,
        requests: BudgetRequests,
        accounts: Accounts,
        belonging: Belonging,
        clock: Clock,
        duties: Duties = NoDuties(),  # noqa: B008 - has no state
    ) -> None:
        self._requests = requests
        self._accounts = accounts
        self._belonging = belonging
        self._clock = clock
        self._duties = duties

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {
            "budget.request": self.ask,
            "budget.requests": self.queue,
            "budget.decide": self.decide,
        }

    async def ask(
        self,
        *,
        project: str = DEFAULT_ID,
        person: str | None = None,
        credits: str,
        reason: str,
        whose: str | None = None,
        actor: Actor,
    ) -> BudgetRequestState:
        """``budget request``. Raises ``BadRequest``, ``NotFound``, ``TryAgain``."""
        who = person or actor.person
        if not who or self._belonging.part(project, who) is None:
            raise NotFound(
                f"Say with `--person` who asks, and who belongs to project {project}: "
                f"`carrel member list --project {project}`.",
                param="person",
            )
        limits = await self._limits(project, who)
        own = bool(limits[Scope.PERSON]) if whose is None else whose == "person"
        scope: AskedScope = Scope.PERSON if own else Scope.PROJECT
        if not limits[scope]:
            raise BadRequest(
                "Nothing limits what you ask more for. `GET /v1/me` tells what does.", param="whose"
            )
        asked = BudgetRequest(
            id=f"bud_{secrets.token_bytes(6).hex()}",
            project_id=project,
            person_id=who,
            scope=scope,
            micro=_amount(credits),
            reason=require_label(reason, "reason"),
            created_ms=self._clock.now_ms(),
        )
        await self._requests.add(asked, MOST_OPEN)
        return request_state(asked)

    async def queue(self, *, project: str | None = None, all: bool = False) -> BudgetRequestList:
        """``budget requests``."""
        found = await self._requests.all(project, every=all)
        return BudgetRequestList(requests=tuple(request_state(one) for one in found))

    async def decide(
        self,
        *,
        id: str,
        project: str | None = None,
        approve: bool = False,
        deny: bool = False,
        credits: str | None = None,
        reason: str | None = None,
        actor: Actor,
    ) -> BudgetRequestState:
        """``budget decide``. Raises ``BadRequest``, ``NotFound``, ``NotPermitted``, ``Conflict``."""
        if approve == deny or (deny and reason is None):
            raise BadRequest("Say `--approve`, or `--deny` with `--reason`.", param="approve")
        asked = await self._requests.get(id)
        if project is not None and asked.project_id != project:
            raise NotFound(
                "No request for more has this id. `carrel budget requests` tells them.", param="id"
            )
        _require_reviewer(actor, asked)
        said = "" if reason is None else require_label(reason, "reason")
        words = [SELF_APPROVED] if approve and actor.person == asked.person_id else []
        decided = replace(
            asked,
            state="approved" if approve else "denied",
            granted_micro=(asked.micro if credits is None else _amount(credits)) if approve else 0,
            decided_by=actor.known_as,
            decided_ms=self._clock.now_ms(),
            decision=": ".join([*words, *([said] if said else [])]),
        )
        await self._requests.decide(decided, await self._gifts(decided) if approve else ())
        return request_state(decided)

    async def _gifts(self, decided: BudgetRequest) -> Sequence[Adjustment]:
        if decided.scope is Scope.PROJECT:
            await self._duties.check_more(decided.project_id, decided.granted_micro)
            return [gift(decided)]
        limits = await self._limits(decided.project_id, decided.person_id)
        return gifts_to(limits[Scope.PERSON], decided)

    async def _limits(self, project: str, person: str) -> Mapping[Scope, Sequence[Account]]:
        """What limits a person in a project now, by whose allocation it is."""
        found = await self._accounts.of_caller(Caller("", person, project))
        limits = limiting(found, self._clock.now_ms())
        return {
            scope: [one for one in limits if one.allocation.scope is scope]
            for scope in (Scope.PERSON, Scope.PROJECT)
        }


def _require_reviewer(actor: Actor, asked: BudgetRequest) -> None:
    if actor.permission is Permission.LEAD and asked.scope is Scope.PROJECT:
        raise NotPermitted(
            "More for the whole project is decided by a reviewer of the box: `carrel budget decide` there.",
            rule="budget",
            waits_for="reviewer",
        )


def _amount(text: str) -> int:
    micro = parse_credits(text)
    if not micro:
        raise BadRequest("Say how many credits, above 0.", param="credits")
    return micro
