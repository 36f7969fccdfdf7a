"""Blocking work that somebody waits for, and that ends when nobody does any more."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from appliance.errors import TryAgain
from appliance.services.bundles.ports import Tell

Answer = TypeVar("Answer")


class Attended:
    """Runs it on a thread. ``tell`` is given to the work, which calls it often."""

    def __init__(self, tell: Tell) -> None:
        self._heard: Final = tell
        self._left = False

    def tell(self, line: str) -> None:
        """How far it is. Raises ``TryAgain`` once whoever waited has left."""
        if self._left:
            raise TryAgain("Nobody waits for this any more.")
        self._heard(line)

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """What the work returns. Cancelled, it ends the work the next time that this tells something."""
        try:
            return await asyncio.to_thread(work)
        except asyncio.CancelledError:
            self._left = True
            raise
