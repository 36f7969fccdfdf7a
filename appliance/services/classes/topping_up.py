"""A seat is given more tokens, within what its project may spend."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from appliance.domain.actor import Actor
from appliance.domain.adjustment import Adjustment, AdjustmentKind
from appliance.domain.allocation import Account, Scope, Window
from appliance.domain.classes import SchoolClass, Seat
from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.domain.results import ClassSeats, Result
from appliance.errors import Conflict
from appliance.policy.classes.seats import seat_of
from appliance.policy.classes.shape import check_lives
from appliance.services.classes.book import ClassBook
from appliance.services.classes.carding import Seats
from appliance.services.classes.ports import Accounts, Gifts
from appliance.services.classes.seat_costs import SeatCosts

ID_BYTES: Final = 6


class CallerOf(Protocol):
    """Whose keys are whose."""

    def caller_of(self, key_id: str) -> Caller | None:
        """Whom a key of this id would be recognized as now."""
        ...


class ToppingUp:
    """Answers ``class top-up``."""

    def __init__(
        self,
        *,
        book: ClassBook,
        keys: CallerOf,
        accounts: Accounts,
        gifts: Gifts,
        costs: SeatCosts,
        seats: Seats,
        clock: Clock,
    ) -> None:
        self._book = book
        self._keys = keys
        self._accounts = accounts
        self._gifts = gifts
        self._costs = costs
        self._seats = seats
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.top-up": self.top_up}

    async def top_up(
        self, *, name: str, seat: str, project: str | None = None, tokens: int = 10_000, actor: Actor
    ) -> ClassSeats:
        """Raises ``NotFound``, ``Conflict`` for a seat without a key or without a limit, ``BadRequest`` where
        nobody knows what tokens cost.
        """
        lesson = self._book.require(name, project)
        check_lives(lesson)
        theirs = seat_of(self._book.seats(lesson.id), seat)
        account = await self._account(lesson, theirs)
        micro = await self._costs.micro(lesson, tokens)
        gift = Adjustment(
            id=f"adj_{secrets.token_bytes(ID_BYTES).hex()}",
            kind=AdjustmentKind.GRANT,
            project_id=lesson.project_id,
            micro=micro or 0,
            reason=f"{tokens} tokens more in class {lesson.id}",
            actor=actor.known_as,
            at_ms=self._clock.now_ms(),
            person_id=theirs.person_id,
            allocation_id=account.allocation.id,
            subject=account.subject,
            opened_ms=account.opened_ms,
        )
        await self._gifts.add(gift)
        return await self._seats.of(lesson)

    async def _account(self, lesson: SchoolClass, seat: Seat) -> Account:
        caller = None if seat.key_id is None else self._keys.caller_of(seat.key_id)
        if caller is None:
            raise Conflict(
                f"This seat has no key, so there is nothing to add to. `carrel class reissue {lesson.id} "
                f"--seat {seat.person_id}` makes one.",
                param="seat",
            )
        for one in await self._accounts.of_caller(caller):
            allocation = one.allocation
            own = (allocation.scope, allocation.window, one.subject)
            if own == (Scope.KEY, Window.TOTAL, caller.key_id) and allocation.limit_micro is not None:
                return one
        raise Conflict("This seat has no limit of its own, so it needs nothing more.", param="seat")
