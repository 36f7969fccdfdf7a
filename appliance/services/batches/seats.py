"""How many lines of batches wait or are computed at once, of all people: round robin over them."""

import asyncio
from collections import deque


class Seats:
    """``most`` at once."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, person: str) -> None:
        """Wait for a seat. ``give_back`` has to follow. Cancelling while waiting gives it up."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        """To the person who waited longest since the last seat, or to whoever comes."""
        while self._waiting:
            person = next(iter(self._waiting))
            turns = self._waiting.pop(person)
            turn = turns.popleft()
            if turns:
                self._waiting[person] = turns  # behind everybody else
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
