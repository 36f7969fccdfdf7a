"""Who downloads now: one at a time, the others wait in their order. They share one link and one disk."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from appliance.domain.log import Log


class Line:
    """``run`` carries one of them to its end; it is cancelled for one that leaves."""

    def __init__(self, run: Callable[[str], Awaitable[None]], log: Log) -> None:
        self._run = run
        self._log = log
        self._waiting: list[str] = []
        self._current: tuple[str, asyncio.Task[None]] | None = None
        self._closed = False

    def join(self, name: str) -> None:
        """Wait for a turn, behind all others; whoever is in the line stays where they are."""
        current = None if self._current is None or self._current[1].done() else self._current[0]
        if name not in self._waiting and current != name:
            self._waiting.append(name)
        self._next()

    async def leave(self, name: str) -> None:
        """Return when it neither waits nor runs."""
        if name in self._waiting:
            self._waiting.remove(name)
        if self._current is not None and self._current[0] == name:
            await _end(self._current[1])

    async def close(self) -> None:
        """End what runs; nothing runs any more."""
        self._closed = True
        if self._current is not None:
            await _end(self._current[1])

    def _next(self) -> None:
        if self._current is None and self._waiting and not self._closed:
            name = self._waiting.pop(0)
            task = asyncio.create_task(self._carry(name), name=f"download {name}")
            self._current = (name, task)
            task.add_done_callback(self._ended)

    async def _carry(self, name: str) -> None:
        await self._run(name)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._current = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("download_ended_badly", exc_info=error)
        self._next()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.wait({task})
