"""Whoever is refused for now is told so after a moment.

A loop that asks again at once, without a look at ``Retry-After``, would otherwise take the gateway's time
from everybody else: 600 refusals a second cost a box of four cores a third of its tokens.
"""

import asyncio
from typing import Final

PAUSE_S: Final = 1.0
MOST_HELD: Final = 512
"""Requests that are held at once; each is a connection. Beyond them refusals are told at once."""


class Doorstep:
    """Of the whole box."""

    def __init__(self, pause_s: float = PAUSE_S, most_held: int = MOST_HELD) -> None:
        self._pause_s = pause_s
        self._most_held = most_held
        self._held = 0

    async def pause(self) -> None:
        """Before a refusal. Cancelling, when the client leaves, ends it."""
        if self._held >= self._most_held:
            return
        self._held += 1
        try:
            await asyncio.sleep(self._pause_s)
        finally:
            self._held -= 1
