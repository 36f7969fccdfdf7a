"""One request from dispatch to settlement, as a task that outlives its client.

The task owns the accounting: whatever happens to the HTTP connection, it drains the engine's events to the
exact last count and settles. Whoever waits for the answer is its ``Listener``: most often the backlog that
a client reads; a listener that falls too far behind has its run cancelled.
"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable

from appliance.domain.clock import Clock
from appliance.domain.generation import (
    Accepted,
    ChoiceFinished,
    Embedded,
    FinishReason,
    GenerationEvent,
    PromptScored,
    Settled,
    TextDelta,
    TokenUsage,
)
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.engines.base import Embedding, Event, Failed, Finished, PromptLogprobs, Tokens
from appliance.errors import CarrelError, ReplicaFailed
from appliance.services.admission.watching import NOBODY_WATCHES, Watch
from appliance.services.generation.listening import Backlog, Listener, Release, RunEnd
from appliance.services.generation.planning import Cost
from appliance.services.generation.ports import EventStream, Ledger
from appliance.services.generation.telling import error_of, told
from appliance.services.generation.timing import EndedRun, Timing
from appliance.services.queue import Place


class Run:
    """What ``Generator.start`` returns. Iterate it for events, unless your ``listener`` hears them; call
    ``aclose`` when the client has left.
    """

    def __init__(
        self,
        *,
        accepted: Accepted,
        hold: Hold,
        cost: Cost,
        ledger: Ledger,
        clock: Clock,
        place: Place,
        timing: Timing,
        on_end: Callable[["Run"], None],
        listener: Listener | None = None,
        watch: Watch = NOBODY_WATCHES,
    ) -> None:
        self.accepted = accepted
        self.hold = hold
        self._cost = cost
        self._ledger = ledger
        self._clock = clock
        self._place = place
        self._timing = timing
        self._outcome = Outcome.FAILED
        self._on_end = on_end
        self._started_s = clock.monotonic_s()
        self._watch = watch
        self._backlog = Backlog()
        self._listener = self._backlog if listener is None else listener
        self._stream: EventStream | None = None
        self._waiting: asyncio.Future[EventStream] | None = None
        self._cancelled = False
        self._refusal: CarrelError | None = None
        self._answer_tokens: Counter[int] = Counter()
        self._prompt_tokens = hold.prompt_tokens
        self._cached_tokens = 0
        self._nothing_used = False
        self._embedded = False
        self._unfinished = set(range(place.choices))
        self._compute_ms = 0.0
        watch.accepted(accepted)
        self._task = asyncio.create_task(self._drive(), name=f"run {hold.request_id}")

    @property
    def mark(self) -> ProgressMark | None:
        """Progress worth remembering across a crash; None before the first token, or the first vector."""
        if not (self._completion_tokens or self._embedded):
            return None
        return ProgressMark(self.hold.request_id, self.hold.prompt_tokens, self._completion_tokens)

    @property
    def _completion_tokens(self) -> int:
        """Of all choices."""
        return self._answer_tokens.total()

    @property
    def record(self) -> EndedRun:
        """What is counted of it once it has ended."""
        accepted = self.accepted
        return EndedRun(
            self.hold.caller,
            accepted.model.id,
            accepted.service_class,
            self._outcome,
            self._meters(),
            self._timing,
        )

    @property
    def dispatched(self) -> bool:
        """True once it left the queue."""
        return self._stream is not None

    def __aiter__(self) -> AsyncIterator[GenerationEvent]:
        """Events up to and with ``Settled``; raises the ``CarrelError`` that ended the run otherwise."""
        return aiter(self._backlog)

    def cancel(self) -> None:
        """End the run: its tokens stop at the next step and it settles as cancelled."""
        self._cancelled = True
        if self._stream is not None:
            self._stream.cancel()
        elif self._place.waits:
            self._place.leave()
            if self._waiting is not None:
                self._waiting.cancel()

    def refuse(self, error: CarrelError) -> None:
        """End the run with ``error``. Its client hears that at once, however long the engine takes to stop;
        what was computed is settled all the same.
        """
        if self._task.done() or self._refusal is not None:
            return
        self._refusal = error
        self._backlog.end(error)
        self.cancel()

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
            self._listener.end(error)
        finally:
            self._watch.ended(self._outcome, self._meters())
            self._on_end(self)

    async def _consume(self) -> tuple[Outcome, CarrelError | None]:
        try:
            stream = await self._take_turn()
            if stream is None:
                return Outcome.CANCELLED, None
            async for event in stream:
                self._take(event)
                if isinstance(event, Failed):
                    return Outcome.FAILED, error_of(event)
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
        self._timing.dispatched()
        if self._cancelled:
            self._stream.cancel()
        return self._stream

    def _take(self, event: Event) -> None:
        match event:
            case Tokens():
                self._answer_tokens[event.choice] += len(event.ids)
                self._place.charge(len(event.ids))
                self._timing.sampled(event.choice, len(event.ids))
                if event.text or event.logprobs:
                    self._tell(TextDelta(event.choice, event.text, tuple(map(told, event.logprobs))))
            case PromptLogprobs():
                self._tell(PromptScored(event.position, tuple(map(told, event.logprobs))))
            case Embedding():
                self._embedded = True
                self._tell(Embedded(event.index, event.vector))
            case Finished():
                self._count(event)
                if event.text:
                    self._tell(TextDelta(event.choice, event.text))
                self._tell(ChoiceFinished(event.choice, event.reason, event.stop))
            case Failed():
                # Of choices that were told no end of: what was seen of them, or more.
                unseen = event.completion_tokens - sum(self._answer_tokens[one] for one in self._unfinished)
                self._answer_tokens[min(self._unfinished, default=0)] += max(0, unseen)
                self._compute_ms += event.compute_ms
                self._nothing_used = event.nothing_used

    def _count(self, event: Finished) -> None:
        self._unfinished.discard(event.choice)
        self._answer_tokens[event.choice] = event.completion_tokens
        self._prompt_tokens = event.prompt_tokens
        self._cached_tokens = event.cached_tokens
        self._compute_ms += event.compute_ms
        self._cancelled = self._cancelled or event.reason is FinishReason.CANCELLED

    async def _settle_as(self, end: tuple[Outcome, CarrelError | None]) -> None:
        outcome, error = end
        if outcome is not Outcome.COMPLETED:
            error = self._refusal or error
        self._outcome = outcome
        meters = self._meters()
        usage = TokenUsage(meters.prompt_tokens, meters.cached_tokens, meters.completion_tokens)
        if error is None and outcome is Outcome.CANCELLED and not self.dispatched:
            error = ReplicaFailed("The request was ended before it began. Send it again.")
        # No await between the last event and what is written down of it.
        verdict = self._listener.decide(RunEnd(self.accepted, outcome, usage, error))
        if isinstance(verdict, Release):
            await self._ledger.release(self.hold.request_id)
        else:
            await self._ledger.settle(self.hold.request_id, outcome, meters, verdict.kept)
        self._listener.end(error or Settled(usage))

    def _meters(self) -> Meters:
        """What was used; nothing at all where no engine was reached, or none began."""
        wall_ms = math.ceil((self._clock.monotonic_s() - self._started_s) * 1000)
        if not self.dispatched or self._nothing_used:
            return Meters(wall_ms=wall_ms)
        return Meters(
            prompt_tokens=self._prompt_tokens,
            cached_tokens=self._cached_tokens,
            completion_tokens=self._completion_tokens,
            gpu_ms=math.ceil(self._compute_ms),
            wall_ms=wall_ms,
            gflop=self._cost(
                self._prompt_tokens,
                self._cached_tokens,
                [self._answer_tokens[choice] for choice in sorted(self._answer_tokens)],
            ),
        )

    def _tell(self, event: GenerationEvent) -> None:
        self._watch.hear(event)
        if not self._listener.hear(event):
            self.cancel()
