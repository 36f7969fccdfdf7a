"""One request's place in the queue, from its first wait to the end of its run."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.generation import Waiting
from appliance.services.generation.ports import EventStream
from appliance.services.queue.limits import queue_timed_out
from appliance.services.queue.line import Waiter

NEWS_S: Final = 1.0
"""How often, at most, one who waits is told of the position."""


class Desk(Protocol):
    """What a place needs of the queue."""

    def news(self, waiter: Waiter) -> Waiting:
        """Where it stands now; position 0 once it has its turn."""
        ...

    def withdraw(self, waiter: Waiter) -> None:
        """It waits or runs no more. Safe to call twice."""
        ...


class Place:
    """Held by a ``Run``. ``leave`` has to be called in the end, whatever happened."""

    def __init__(
        self, waiter: Waiter, desk: Desk, clock: Clock, *, patience_s: float, news_s: float = NEWS_S
    ) -> None:
        self._waiter = waiter
        self._desk = desk
        self._clock = clock
        self._patience_s = patience_s
        self._news_s = news_s

    @property
    def choices(self) -> int:
        """Answers that were asked for."""
        return self._waiter.work.n

    @property
    def position(self) -> int:
        """1 for who goes next; 0 for who does not wait any more."""
        return self._desk.news(self._waiter).position

    @property
    def waits(self) -> bool:
        """True until it has its turn, or an end."""
        return not self._waiter.turn.done()

    async def take_turn(self, tell: Callable[[Waiting], None]) -> EventStream:
        """Wait for a source with room; the work is on its way when this returns.

        ``tell`` hears of the position and the expected time, on every change, about once a second at most.
        Raises ``QueueTimedOut``, and what the model gave up with. Cancelling leaves the line, and ends the
        work if it went out at that moment.
        """
        told: Waiting | None = None
        try:
            while not self._waiter.turn.done():
                news = self._desk.news(self._waiter)
                if news != told:
                    tell(news)
                    told = news
                await self._wait()
            return self._waiter.turn.result()
        except asyncio.CancelledError:
            self.leave(cancel=True)
            raise

    def charge(self, answer_tokens: int) -> None:
        """Tokens have come out of it."""
        if self._waiter.bill is not None:
            self._waiter.bill.charge(answer_tokens=answer_tokens)

    def leave(self, *, cancel: bool = False) -> None:
        """It is over; ``cancel`` ends work that was sent out. Safe to call twice."""
        turn = self._waiter.turn
        # Looking at the exception tells asyncio that somebody did.
        if turn.done() and turn.exception() is None and cancel:
            turn.result().cancel()
        self._desk.withdraw(self._waiter)

    async def _wait(self) -> None:
        left_s = self._waiter.since_s + self._patience_s - self._clock.monotonic_s()
        if left_s <= 0:
            self.leave()
            raise queue_timed_out(self._patience_s)
        await asyncio.wait([self._waiter.turn], timeout=min(self._news_s, left_s))
