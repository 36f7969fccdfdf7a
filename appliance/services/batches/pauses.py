"""How long a batch waits before it tries again what the box could not do: longer each time, to a minute."""

from collections.abc import Awaitable, Callable
from typing import Final

from appliance.errors import CarrelError

SHORTEST_S: Final = 1.0
LONGEST_S: Final = 60.0

Sleep = Callable[[float], Awaitable[None]]


class Pauses:
    """Of one batch."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._next_s = SHORTEST_S
        self._due_s = 0.0

    @property
    def probing(self) -> bool:
        """Whether the last that was tried was refused: one try at a time is enough then."""
        return self._next_s > SHORTEST_S

    def refused(self, error: CarrelError) -> None:
        """The box cannot now. Of several refusals at once the first one counts."""
        if not self._due_s:
            self._due_s = max(self._next_s, min(error.retry_after_s or 0, LONGEST_S))
            self._next_s = min(2 * self._next_s, LONGEST_S)

    def went_well(self) -> None:
        """The box can."""
        self._next_s = SHORTEST_S

    async def wait(self) -> None:
        """Until it is time to try again; not at all where nothing was refused."""
        due_s, self._due_s = self._due_s, 0.0
        if due_s:
            await self._sleep(due_s)
