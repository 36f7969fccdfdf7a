"""Whoever is refused for now is told so after a moment.

A loop that asks again at once, without a look at ``Retry-After``, would otherwise take the gateway's time
from everybody else: 600 refusals a second cost a box of four cores a third of its tokens. Two hundred such
loops of one person made 200 a second even so, and doubled the wait of others for their first words; so one
person is told one after the other, evenly.
"""

import asyncio
from collections import Counter
from typing import Final

PAUSE_S: Final = 1.0
APART_S: Final = 0.1
"""Between two refusals that one person is told."""
LONGEST_S: Final = 60.0
MOST_HELD: Final = 512
"""Requests that are held at once; each is a connection. Beyond them refusals are told at once."""


class Doorstep:
    """Of the whole box."""

    def __init__(self, pause_s: float = PAUSE_S, most_held: int = MOST_HELD) -> None:
        self._pause_s = pause_s
        self._most_held = most_held
        self._held: Counter[str] = Counter()
        self._last_s: dict[str, float] = {}
        """When the last one of each person who has some here is told."""

    async def pause(self, person: str) -> None:
        """Before a refusal. Cancelling, when the client leaves, ends it."""
        if self._held.total() >= self._most_held:
            return
        pause_s = self.pause_of(person)
        self._held[person] += 1
        self._last_s[person] = asyncio.get_running_loop().time() + pause_s
        try:
            await asyncio.sleep(pause_s)
        finally:
            self._held[person] -= 1
            if not self._held[person]:
                del self._held[person], self._last_s[person]

    def pause_of(self, person: str) -> float:
        """For how long their next refusal would be held, in seconds."""
        last_s = self._last_s.get(person)
        if last_s is None or not self._pause_s:
            return self._pause_s
        behind_s = last_s + APART_S - asyncio.get_running_loop().time()
        return max(self._pause_s, min(behind_s, LONGEST_S))
