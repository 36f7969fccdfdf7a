"""Turns at a model's preparer, which takes one prompt at a time: round robin over people.

Without it, one person's two hundred prompts would be prepared before anybody else's first.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """One at a time for each model. Models do not wait for each other."""

    def __init__(self) -> None:
        self._rings: dict[str, _Ring] = {}

    @asynccontextmanager
    async def take(self, model: str, person: str, *, last: bool = False) -> AsyncIterator[None]:
        """Scope of one turn; waits until it comes. Cancelling while waiting gives the place up.

        ``last``: only when nobody waits who is not.
        """
        ring = self._rings.setdefault(model, _Ring())
        await ring.enter(person, last=last)
        try:
            yield
        finally:
            ring.advance()


class _Ring:
    def __init__(self) -> None:
        self._taken = False
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._waiting_last: dict[str, deque[asyncio.Future[None]]] = {}

    async def enter(self, person: str, *, last: bool) -> None:
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting_last if last else self._waiting
        waiting.setdefault(person, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.advance()
            raise

    def advance(self) -> None:
        """Give the turn to the person who waited longest since the last one, or to nobody."""
        self._taken = False
        while not self._taken and (waiting := self._waiting or self._waiting_last):
            person = next(iter(waiting))
            turns = waiting.pop(person)
            turn = turns.popleft()
            if turns:
                waiting[person] = turns  # behind everybody else
            if not turn.done():
                turn.set_result(None)
                self._taken = True
