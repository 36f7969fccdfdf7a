"""One worker as the gateway sees it: a token source that is restarted when it dies."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.model import ModelState
from appliance.engines.base import Embed, EngineFacts, EngineSpec, Event, Failed, Finished, Free, Work
from appliance.errors import ContextLengthExceeded, ModelNotRunning, ReplicaFailed
from appliance.workers.frames import (
    Cancel,
    FrameError,
    FromChild,
    Heartbeat,
    Load,
    Loading,
    Step,
    Submit,
    WorkerReady,
)
from appliance.workers.hanging import HangRule
from appliance.workers.memory import MemoryLimit
from appliance.workers.resident import group_of
from appliance.workers.streams import WorkStream
from appliance.workers.supervised import Supervised
from appliance.workers.supervision import ChildSettings, Supervisor
from appliance.workers.watching import Watch

MOST_UNREAD: Final = 1024
"""Events of one choice that may wait for their reader."""


class Replica(Supervised):
    """``TokenSource`` over a worker process.

    ``child_environment`` is all that the process sees of one beside PATH and language. ``on_change`` is
    called, on the event loop, whenever ``state`` or ``free`` may be another than before. A process over
    ``memory_limit_bytes`` is ended.
    """

    def __init__(
        self,
        spec: EngineSpec,
        *,
        clock: Clock,
        log: Log,
        child_environment: Mapping[str, str],
        on_change: Callable[[], None],
        settings: ChildSettings = ChildSettings(),  # noqa: B008 - frozen
        hang: HangRule = HangRule(),  # noqa: B008 - frozen
        memory_limit_bytes: int | None = None,
        most_unread: int = MOST_UNREAD,
    ) -> None:
        self._log = log
        self._changed = on_change
        self._most_unread = most_unread
        self._facts: EngineFacts | None = None
        self._reported = Free(0, 0)
        self._streams: dict[int, WorkStream] = {}
        self._loading_part = 0.0
        self._memory_bytes = 0
        self._peak_bytes = 0
        self._memory = MemoryLimit(memory_limit_bytes)
        self._child = Supervisor(
            Load("worker", spec, hang.beat_s),
            self,
            clock=clock,
            log=log,
            environment=child_environment,
            settings=settings,
            memory=self._memory,
        )
        self._watch = Watch(hang, self._child.end_child, clock)

    @property
    def incarnation(self) -> int:
        """Of the process: its KV cache dies with it."""
        return self._child.restarts

    @property
    def loading_part(self) -> float:
        """How much of the model is loaded, 0 to 1, as the engine tells it; 1 once it is ready."""
        return self._loading_part

    @property
    def memory_bytes(self) -> int:
        """Resident memory of the process, as it last said; 0 while there is none."""
        return self._memory_bytes

    @property
    def peak_bytes(self) -> int:
        """The most resident memory that it had until it was ready; 0 before, and where that is not known."""
        return self._peak_bytes

    @property
    def pids(self) -> frozenset[int]:
        """Its process and those that this one has started; none while there is none."""
        return frozenset() if self.pid is None else group_of(self.pid)

    @property
    def running(self) -> int:
        """Pieces of work that it has."""
        return len(self._streams)

    @property
    def facts(self) -> EngineFacts:
        """Of the engine, once it was ready for the first time. Raises ``ModelNotRunning`` before."""
        if self._facts is None:
            raise ModelNotRunning("The model is still loading. Try again in a few seconds.")
        return self._facts

    @property
    def free(self) -> Free:
        """What may be dispatched now: nothing while it is not ready.

        The least of what the worker last reported and what our own reservations leave, because a report is
        older than the work sent since. With no work running everything is free.
        """
        if self.state is not ModelState.READY or self._facts is None:
            return Free(0, 0)
        if not self._streams:
            return Free(self._facts.kv_tokens, self._facts.max_sequences)
        reserved = [stream.reserved for stream in self._streams.values()]
        kv_tokens = self._facts.kv_tokens - sum(one.kv_tokens for one in reserved)
        sequences = self._facts.max_sequences - sum(one.sequences for one in reserved)
        return Free(
            max(0, min(kv_tokens, self._reported.kv_tokens)), max(0, min(sequences, self._reported.sequences))
        )

    async def start(self) -> None:
        """Return when it is ready. Raises ``ReplicaFailed`` with the reason when it will not start."""
        await self._child.start()

    async def stop(self) -> None:
        """End the process. Work that still runs fails."""
        await self._child.stop()

    def open(self, work: Work) -> WorkStream:
        """Dispatch. ``work.id`` is unique in this gateway. Trouble of any kind comes as ``Failed``."""
        # However many vectors there will be: their number was bounded when they were asked for.
        most_unread = self._most_unread * work.n + (len(work.inputs) if isinstance(work, Embed) else 0)
        stream = WorkStream(work, most_unread=most_unread, on_cancel=self._cancel)
        if self.state is not ModelState.READY:
            stream.fail(ReplicaFailed("The model is not ready at this moment. Send the request again."))
            return stream
        try:
            self._child.send(Submit(work))
        except FrameError:
            stream.fail(ContextLengthExceeded("The prompt is too long for one request. Shorten it."))
            return stream
        self._streams[work.id] = stream
        return stream

    def on_loading(self, frame: FromChild) -> bool:
        """The worker loads."""
        if isinstance(frame, Loading):
            self._loading_part = frame.part
        elif isinstance(frame, Heartbeat):
            self._weigh(frame.memory_bytes)
        else:
            return False
        self.on_change()
        return True

    def on_ready(self, frame: FromChild) -> tuple[str, ...]:
        """The worker has loaded."""
        if not isinstance(frame, WorkerReady):
            raise FrameError(f"{type(frame).__name__} in place of WorkerReady")
        self._facts, self._reported = frame.facts, frame.free
        self._peak_bytes = frame.peak_bytes
        self._loading_part = 1.0
        self._watch.begin()
        return frame.confinement

    def on_frame(self, frame: FromChild) -> None:
        """One step of the engine, or a sign of life."""
        self._watch.heard(frame)
        if isinstance(frame, Step):
            self._take(frame)
        elif isinstance(frame, Heartbeat):
            self._weigh(frame.memory_bytes)
        else:
            raise FrameError(f"{type(frame).__name__} from a worker")

    def on_death(self) -> bool:
        """Every stream ends now."""
        self._watch.end()
        self._loading_part, self._memory_bytes = 0.0, 0
        how = "was stopped" if self.state is ModelState.STOPPING else "has died"
        streams = list(self._streams.values())
        self._streams.clear()
        for stream in streams:
            stream.fail(ReplicaFailed(f"The process that made the answer {how}. Send the request again."))
        return True

    def on_change(self) -> None:
        """Let the gateway look again."""
        self._changed()

    def _weigh(self, memory_bytes: int) -> None:
        self._memory_bytes = memory_bytes
        if reason := self._memory.objection(memory_bytes):
            self._child.end_child(reason)

    def _take(self, frame: Step) -> None:
        for event in frame.events:
            self._pass_on(event)
        ended = any(isinstance(event, Finished | Failed) for event in frame.events)
        changed = ended or frame.free != self._reported
        self._reported = frame.free
        if changed:
            self.on_change()

    def _pass_on(self, event: Event) -> None:
        if isinstance(event, Finished | Failed) and not math.isfinite(event.compute_ms):
            raise FrameError("compute time without end")
        stream = self._streams.get(event.id)
        if stream is None:
            self._log.warning("stray_event", work_id=event.id)
            return
        stream.take(event)
        if stream.ended:
            del self._streams[event.id]

    def _cancel(self, work_id: int) -> None:
        self._child.send(Cancel(work_id))
