"""Where in a recording the viewer is, and how fast it goes on."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

SPEEDS: Final = (1, 2, 5, 10, 60)
_LEAST_WAIT_S: Final = 0.02


class Player:
    """``position_ms`` is since the recording began. ``now_s`` is a clock that never goes back."""

    def __init__(self, length_ms: int, now_s: Callable[[], float] = time.monotonic) -> None:
        self.length_ms: Final = length_ms
        self._now_s = now_s
        self._from_ms = 0.0
        self._since_s = now_s()
        self._playing = True
        self._speed = 0
        self._moved = asyncio.Event()

    @property
    def position_ms(self) -> int:
        """Where it is now; the end is where it stays."""
        went = (self._now_s() - self._since_s) * 1000 * self.speed if self._playing else 0
        return min(self.length_ms, round(self._from_ms + went))

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._playing and self.position_ms < self.length_ms

    @property
    def speed(self) -> int:
        """How many seconds of the recording pass in one."""
        return SPEEDS[self._speed]

    def toggle(self) -> None:
        """Pause, or go on; at the end go on from the beginning."""
        at_end = self.position_ms >= self.length_ms
        self._set(0 if at_end else self.position_ms)
        self._playing = at_end or not self._playing

    def move(self, by_ms: int) -> None:
        """Back or on by so much."""
        self._set(self.position_ms + by_ms)

    def seek(self, at_ms: int) -> None:
        """To a moment."""
        self._set(at_ms)

    def hurry(self, by: int) -> None:
        """One speed more or less."""
        self._set(self.position_ms)
        self._speed = max(0, min(self._speed + by, len(SPEEDS) - 1))

    @property
    def moved(self) -> asyncio.Event:
        """Set when somebody moves it the next time. Take it before you look at the position."""
        return self._moved

    async def moves(self, moved: asyncio.Event, until_ms: int | None) -> None:
        """Wait until somebody moved it, or it comes to ``until_ms`` by itself."""
        wait_s = None
        if self.playing and until_ms is not None:
            wait_s = max(_LEAST_WAIT_S, (until_ms - self.position_ms) / 1000 / self.speed)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await moved.wait()

    def _set(self, at_ms: int) -> None:
        self._from_ms = max(0, min(at_ms, self.length_ms))
        self._since_s = self._now_s()
        self._moved.set()
        self._moved = asyncio.Event()
