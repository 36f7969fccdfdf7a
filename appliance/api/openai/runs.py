"""The runs of one call that asks for several answers: so many in flight, all their events in one stream.

The failure of one is the failure of the call, and ends the others.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from appliance.api.openai.ports import GenerationRun, Generations
from appliance.domain.generation import Accepted, GenerationEvent, GenerationRequest, Settled
from appliance.domain.people import Caller
from appliance.errors import BadRequest, PersonLimitReached, QueueFull, ReplicaFailed

MOST_AT_ONCE: Final = 16
_AHEAD: Final = 256
"""Events that wait for a slow reader here; further ones stay in the runs, which bear so many and no more."""
_OF_A_PROMPT: Final = frozenset({None, "messages", "prompt"})

Ask = Callable[[int], Awaitable[GenerationRequest]]
"""Makes the request with this number. The first one was accepted before any other is asked for."""


class Runs:
    """Iterate once, after ``begin``, for events with the number of their run. ``aclose`` has to follow.

    ``called`` gives the name of the field that a request came from, for what its refusal says.
    """

    def __init__(
        self, generations: Generations, caller: Caller, *, count: int, ask: Ask, called: Callable[[int], str]
    ) -> None:
        self._generations = generations
        self._caller = caller
        self._count = count
        self._ask = ask
        self._called = called
        self._numbers = iter(range(count))
        self._first: GenerationRun | None = None
        self._workers: list[asyncio.Task[None]] = []
        self._events: asyncio.Queue[tuple[int, GenerationEvent] | None] = asyncio.Queue(_AHEAD)
        self._failure: BaseException | None = None
        self._running = 0
        self._ended = 0
        self._an_end = asyncio.Event()

    async def begin(self) -> Accepted:
        """Start the first run; what is known of it is what an answer begins with. Raises what refuses it."""
        self._first = await self._started(0)
        return self._first.accepted

    async def __aiter__(self) -> AsyncIterator[tuple[int, GenerationEvent]]:
        """Up to the ``Settled`` of every run; raises the ``CarrelError`` that ended one otherwise."""
        if self._first is not None and self._count == 1:
            async for event in self._first:
                yield 0, event
                if isinstance(event, Settled):
                    return
            raise _unsettled()
        left = self._count
        self._workers = [asyncio.create_task(self._work()) for _ in range(min(left, MOST_AT_ONCE))]
        for worker in self._workers:
            worker.add_done_callback(self._note)
        while left:
            item = await self._events.get()
            if self._failure is not None:
                raise self._failure
            if item is not None:
                yield item
                left -= isinstance(item[1], Settled)

    async def aclose(self) -> None:
        """Nobody reads on: end whatever still runs. Safe at any time, and twice."""
        for worker in self._workers:
            worker.cancel()
        if self._first is not None:
            await self._first.aclose()
        if self._workers:
            await asyncio.wait(self._workers)

    async def _work(self) -> None:
        """Each number is taken by one worker."""
        for number in self._numbers:
            first = self._first if number == 0 else None
            await self._follow(number, first or await self._started(number))

    async def _follow(self, number: int, run: GenerationRun) -> None:
        try:
            async for event in run:
                await self._events.put((number, event))
                if isinstance(event, Settled):
                    return
            raise _unsettled()
        finally:
            await run.aclose()
            self._running -= 1
            self._ended += 1
            self._an_end.set()
            self._an_end = asyncio.Event()

    async def _started(self, number: int) -> GenerationRun:
        """With runs of this call in flight, no room is no refusal: an end of theirs makes some."""
        while True:
            ended = self._ended
            try:
                run = await self._start(number)
            except (QueueFull, PersonLimitReached):
                if not self._running and ended == self._ended:
                    raise
            else:
                self._running += 1
                return run
            if ended == self._ended:
                await self._an_end.wait()

    async def _start(self, number: int) -> GenerationRun:
        try:
            return await self._generations.start(self._caller, await self._ask(number))
        except BadRequest as error:
            if error.param in _OF_A_PROMPT:
                error.param = self._called(number)
            raise

    def _note(self, worker: "asyncio.Task[None]") -> None:
        if worker.cancelled() or (failure := worker.exception()) is None:
            return
        self._failure = self._failure or failure
        # A full queue has somebody reading it already.
        with suppress(asyncio.QueueFull):
            self._events.put_nowait(None)


def _unsettled() -> ReplicaFailed:
    return ReplicaFailed("The answer ended without being complete; send the request again.")
