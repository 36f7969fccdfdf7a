"""The events of one piece of work, between the reader of a worker's frames and the one who wants them.

The reader never waits: a stream whose consumer leaves too much unread is cancelled, and ends with ``Failed``.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from appliance.engines.base import Event, Failed, Finished, Free, Tokens, Work
from appliance.errors import CarrelError, RequestTimeout
from appliance.workers.frames import FrameError

_TOO_SLOW: Final = RequestTimeout("The answer was not read as fast as it was made, so it was ended.")


class WorkStream:
    """``EventStream`` of one work. Ends after the last choice's ``Finished``, or after ``Failed``."""

    def __init__(self, work: Work, *, most_unread: int, on_cancel: Callable[[int], None]) -> None:
        self.work = work
        self._most_unread = most_unread
        self._on_cancel = on_cancel
        self._unread: asyncio.Queue[Event] = asyncio.Queue()
        # Sampled tokens of every choice whose ``Finished`` the consumer has not been given.
        self._untold = dict.fromkeys(range(work.n), 0)
        self._untold_ms = 0.0
        self._prompt_tokens = work.prompt_tokens
        self._running = set(range(work.n))
        self._cancelled = False
        self._too_slow = False
        self._ended = False

    @property
    def ended(self) -> bool:
        """True once no more events can come from the worker."""
        return self._ended

    @property
    def reserved(self) -> Free:
        """What the work still holds of its worker."""
        if self._ended:
            return Free(0, 0)
        choices = len(self._running)
        return Free(self._prompt_tokens + choices * self.work.max_tokens, choices)

    def __aiter__(self) -> "WorkStream":
        return self

    async def __anext__(self) -> Event:
        if self._ended and self._unread.empty():
            raise StopAsyncIteration
        return await self._unread.get()

    def cancel(self) -> None:
        """Have the worker end it; its choices still finish. Safe to call twice."""
        if not (self._cancelled or self._ended):
            self._cancelled = True
            self._on_cancel(self.work.id)

    def take(self, event: Event) -> None:
        """An event from the worker. Raises ``FrameError`` for one of a choice that does not run."""
        if isinstance(event, Failed):
            self._end(event)
            return
        if not self._running or (isinstance(event, Tokens | Finished) and event.choice not in self._running):
            raise FrameError(f"an event of work {event.id} that does not run")
        self._count(event)
        if not self._too_slow and self._unread.qsize() >= self._most_unread:
            self._too_slow = True
            self.cancel()
        if not self._too_slow:
            self._pass_on(event)
        elif not self._running:
            self.fail(_TOO_SLOW)

    def fail(self, error: CarrelError) -> None:
        """End it without the worker. Counts the tokens of choices that the consumer saw no end of."""
        if not self._ended:
            tokens = sum(self._untold.values())
            self._end(Failed(self.work.id, error.code, error.message, tokens, self._untold_ms))

    def _count(self, event: Event) -> None:
        if isinstance(event, Tokens):
            self._untold[event.choice] += len(event.ids)
        elif isinstance(event, Finished):
            self._running.discard(event.choice)
            self._untold[event.choice] = event.completion_tokens
            self._untold_ms += event.compute_ms

    def _pass_on(self, event: Event) -> None:
        if isinstance(event, Finished):
            del self._untold[event.choice]
            self._untold_ms -= event.compute_ms
            self._ended = not self._running
        self._unread.put_nowait(event)

    def _end(self, event: Failed) -> None:
        self._ended = True
        self._running.clear()
        self._unread.put_nowait(event)
