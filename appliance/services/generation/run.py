"""One request from dispatch to settlement, as a task that outlives its client.

The task owns the accounting: whatever happens to the HTTP connection, it drains the engine's events to the
exact last count and settles. The client's side reads a backlog; a client that falls too far behind has its
run cancelled.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.generation import (
    Accepted,
    ChoiceFinished,
    FinishReason,
    GenerationEvent,
    Settled,
    TextDelta,
    TokenUsage,
)
from appliance.domain.model import ModelShapes
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.engines.base import Event, Failed, Finished, Tokens
from appliance.errors import CarrelError, ReplicaFailed, error_for_code
from appliance.policy.flops import gflop
from appliance.services.generation.ports import EventStream, Ledger
from appliance.services.queue import Place

BACKLOG_EVENTS: Final = 4096
"""A reader this far behind is gone or hostile; longer answers than this are read as they come."""


class Run:
    """What ``Generator.start`` returns. Iterate it for events; call ``aclose`` when the client has left."""

    def __init__(
        self,
        *,
        accepted: Accepted,
        hold: Hold,
        shapes: ModelShapes,
        ledger: Ledger,
        clock: Clock,
        place: Place,
        on_end: Callable[["Run"], None],
    ) -> None:
        self.accepted = accepted
        self.hold = hold
        self._shapes = shapes
        self._ledger = ledger
        self._clock = clock
        self._place = place
        self._on_end = on_end
        self._started_s = clock.monotonic_s()
        self._backlog: asyncio.Queue[GenerationEvent | CarrelError] = asyncio.Queue()
        self._stream: EventStream | None = None
        self._waiting: asyncio.Future[EventStream] | None = None
        self._cancelled = False
        self._completion_tokens = 0
        self._cached_tokens = 0
        self._compute_ms = 0.0
        self._task = asyncio.create_task(self._drive(), name=f"run {hold.request_id}")

    @property
    def mark(self) -> ProgressMark | None:
        """Progress worth remembering across a crash; None before the first token."""
        if self._completion_tokens == 0:
            return None
        return ProgressMark(self.hold.request_id, self.hold.prompt_tokens, self._completion_tokens)

    @property
    def dispatched(self) -> bool:
        """True once it left the queue."""
        return self._stream is not None

    async def __aiter__(self) -> AsyncIterator[GenerationEvent]:
        """Events up to and with ``Settled``; raises the ``CarrelError`` that ended the run otherwise."""
        while True:
            item = await self._backlog.get()
            if isinstance(item, CarrelError):
                raise item
            yield item
            if isinstance(item, Settled):
                return

    def cancel(self) -> None:
        """End the run: its tokens stop at the next step and it settles as cancelled."""
        self._cancelled = True
        if self._stream is not None:
            self._stream.cancel()
        elif self._place.waits:
            self._place.leave()
            if self._waiting is not None:
                self._waiting.cancel()

    async def aclose(self) -> None:
        """The client left: cancel if still running. Returns at once; settlement goes on by itself."""
        if not self._task.done():
            self.cancel()

    async def ended(self) -> None:
        """Wait until the run is settled, or could not be."""
        await asyncio.wait([self._task])

    async def _drive(self) -> None:
        try:
            await self._settle_as(await self._consume())
        except CarrelError as error:
            self._tell(error)
        finally:
            self._on_end(self)

    async def _consume(self) -> tuple[Outcome, CarrelError | None]:
        try:
            stream = await self._take_turn()
            if stream is None:
                return Outcome.CANCELLED, None
            async for event in stream:
                self._take(event)
                if isinstance(event, Failed):
                    return Outcome.FAILED, error_for_code(event.code)(event.message)
        except CarrelError as error:
            return Outcome.FAILED, error
        finally:
            self._place.leave()
        return (Outcome.CANCELLED if self._cancelled else Outcome.COMPLETED), None

    async def _take_turn(self) -> EventStream | None:
        if self._cancelled and self._place.waits:
            return None
        self._waiting = asyncio.ensure_future(self._place.take_turn(self._tell))
        try:
            self._stream = await self._waiting
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            return None
        if self._cancelled:
            self._stream.cancel()
        return self._stream

    def _take(self, event: Event) -> None:
        match event:
            case Tokens():
                self._completion_tokens += len(event.ids)
                self._place.charge(len(event.ids))
                if event.text:
                    self._tell(TextDelta(event.choice, event.text))
            case Finished():
                self._count(event)
                if event.text:
                    self._tell(TextDelta(event.choice, event.text))
                self._tell(ChoiceFinished(event.choice, event.reason))
            case Failed():
                self._completion_tokens = max(self._completion_tokens, event.completion_tokens)
                self._compute_ms += event.compute_ms

    def _count(self, event: Finished) -> None:
        # One choice a request for now, so the engine's exact count replaces the running one.
        self._completion_tokens = event.completion_tokens
        self._cached_tokens = event.cached_tokens
        self._compute_ms += event.compute_ms
        self._cancelled = self._cancelled or event.reason is FinishReason.CANCELLED

    async def _settle_as(self, end: tuple[Outcome, CarrelError | None]) -> None:
        outcome, error = end
        meters = self._meters()
        await self._ledger.settle(self.hold.request_id, outcome, meters)
        if error is not None:
            self._tell(error)
        elif outcome is Outcome.CANCELLED and not self.dispatched:
            self._tell(ReplicaFailed("The request was ended before it began. Send it again."))
        else:
            self._tell(
                Settled(TokenUsage(meters.prompt_tokens, meters.cached_tokens, meters.completion_tokens))
            )

    def _meters(self) -> Meters:
        """What was used; nothing at all where no engine was reached."""
        wall_ms = math.ceil((self._clock.monotonic_s() - self._started_s) * 1000)
        if not self.dispatched:
            return Meters(wall_ms=wall_ms)
        return Meters(
            prompt_tokens=self.hold.prompt_tokens,
            cached_tokens=self._cached_tokens,
            completion_tokens=self._completion_tokens,
            gpu_ms=math.ceil(self._compute_ms),
            wall_ms=wall_ms,
            gflop=gflop(
                self._shapes,
                prompt_tokens=self.hold.prompt_tokens,
                cached_tokens=self._cached_tokens,
                generated_tokens=self._completion_tokens,
            ),
        )

    def _tell(self, item: GenerationEvent | CarrelError) -> None:
        self._backlog.put_nowait(item)
        if self._backlog.qsize() > BACKLOG_EVENTS:
            self.cancel()
