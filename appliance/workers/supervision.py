"""Keeps one child alive: start, ready, died, start again. What its frames mean is its owner's matter.

Whatever ends a child, a crash, a broken frame, a deadline or an operator, ends its channel, and everything
that follows happens in one place, when the channel has ended.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.model import ModelState
from appliance.errors import Conflict, ReplicaFailed
from appliance.workers.dropping import ChildUser
from appliance.workers.frames import Fatal, FrameError, FromChild, Load, Stop, ToChild
from appliance.workers.memory import MemoryLimit
from appliance.workers.process import Child, launch
from appliance.workers.restart import RestartPolicy, delay_before_restart


@dataclass(frozen=True, slots=True)
class ChildSettings:
    """How children are kept."""

    load_deadline_s: float = 900.0
    write_deadline_s: float = 15.0
    """Longest that a child may leave frames unread."""
    stop_grace_s: float = 2.0
    restarts: RestartPolicy = field(default_factory=RestartPolicy)
    user: ChildUser | None = None
    """Whom children become before they open anything; None: they stay who the gateway is."""


class Owner(Protocol):
    """Who understands the child. Called on the event loop, must not block."""

    def on_loading(self, frame: FromChild) -> bool:
        """A frame before it is ready; False for one that is no sign of loading."""
        ...

    def on_ready(self, frame: FromChild) -> tuple[str, ...]:
        """It is ready; answers the child's confinement. Raises ``FrameError`` for a wrong kind."""
        ...

    def on_frame(self, frame: FromChild) -> None:
        """Every later frame. Raises ``FrameError`` for one that does not fit."""
        ...

    def on_death(self) -> bool:
        """The child is gone, and with it all that was asked of it. True when the death counts against it."""
        ...

    def on_change(self) -> None:
        """State or capacity may be another."""
        ...


class Supervisor:
    """One child and its successors. ``reason`` says why it is not ready, where there is a why."""

    def __init__(
        self,
        load: Load,
        owner: Owner,
        *,
        clock: Clock,
        log: Log,
        environment: Mapping[str, str],
        settings: ChildSettings,
        memory: MemoryLimit | None = None,
    ) -> None:
        self.state = ModelState.AVAILABLE
        self.reason: str | None = None
        self.restarts = 0
        self.confinement: tuple[str, ...] = ()
        libraries = tuple(filter(None, environment.get("LD_LIBRARY_PATH", "").split(":")))
        self._load = msgspec.structs.replace(load, user=settings.user, libraries=libraries)
        self._owner = owner
        self._clock = clock
        self._log = log
        self._environment = environment
        self._settings = settings
        self._memory = memory or MemoryLimit(None)
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._stopping = asyncio.Event()
        self._deaths_s: list[float] = []
        self._said: str | None = None
        self._ready_once = False

    @property
    def pid(self) -> int | None:
        """The process that runs now, loading or ready."""
        return None if self._child is None else self._child.pid

    async def start(self) -> None:
        """Return when the child is ready. Raises ``ReplicaFailed`` with the reason when it will not start.

        A child that says why it cannot load is not started a second time; one that dies of it is.
        """
        if self._task is not None:
            raise Conflict("This process was started already.")
        self._deaths_s.clear()
        self._stopping.clear()
        self._ready_once = False
        self._become(ModelState.LOADING)
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._note_defect)
        await self.settled()
        if self.state is not ModelState.READY:
            raise ReplicaFailed(self.reason or "The process was stopped before it was ready.")

    async def stop(self) -> None:
        """End the child; work in flight fails. Safe to call at any time."""
        if self._task is None:
            return
        ready = self.state is ModelState.READY
        self._stopping.set()
        self._become(ModelState.STOPPING)
        if ready and self._child is not None:
            self._child.channel.send(Stop())
            await self._child.exited(self._settings.stop_grace_s)
        self.end_child("It was stopped.")
        await asyncio.wait({self._task})
        self._task = None
        self._become(ModelState.AVAILABLE)

    async def settled(self) -> None:
        """Wait while it loads or restarts."""
        await self._settled.wait()

    def send(self, frame: ToChild) -> None:
        """Send to the child, or to nobody. Raises ``FrameError`` for a frame that is too large."""
        if self._child is not None:
            self._child.channel.send(frame)

    def end_child(self, reason: str) -> None:
        """Kill the child; a new one follows. From this moment it is not ready."""
        self._said = self._said or reason
        if self._child is not None:
            self._child.kill()
        if self.state is ModelState.READY:
            self._become(ModelState.RESTARTING, self._said)

    async def _run(self) -> None:
        delay_s: float | None = 0.0
        while delay_s is not None:
            await self._pause(delay_s)
            if self._stopping.is_set():
                return
            counts = await self._one_life()
            delay_s = self._delay(counts=counts)
            self.restarts += delay_s is not None
        if not self._stopping.is_set():
            self._log.error("child_given_up", role=self._load.role, reason=self.reason)
            self._become(ModelState.FAILED, self._why_given_up())

    def _why_given_up(self) -> str | None:
        rule = self._settings.restarts
        if not self._ready_once and self._said is not None:
            return self.reason
        return (
            f"Its process died {rule.deaths} times within {rule.window_s / 60:.0f} minutes and is not started"
            f" again. The last time: {self.reason}"
        )

    async def _one_life(self) -> bool:
        """From launch to reaping; True when the death counts."""
        self._said = None
        try:
            self._child = child = await self._launch()
        except OSError as error:
            self._said = f"The process could not be started ({error.strerror})."
            return self._part()
        if self._stopping.is_set():
            child.kill()
        self._memory.take(child.pid)
        try:
            await self._listen(child)
        finally:
            # First tell those who wait: taking down a process with much memory can last.
            child.kill()
            self._said = self._said or self._memory.why_killed()
            counts = self._part()
            await self._bury(child)
        return counts

    async def _launch(self) -> Child:
        return await launch(
            environment=self._environment,
            log=self._log,
            write_deadline_s=self._settings.write_deadline_s,
            on_stall=lambda: self.end_child("It did not read what it was sent."),
            networked=self._load.networked,
        )

    async def _listen(self, child: Child) -> None:
        """Until the channel ends. Sets ``_said`` where the end has a reason that is known."""
        try:
            child.channel.send(self._load)
            async with asyncio.timeout(self._settings.load_deadline_s):
                first = await self._loaded(child)
            if first is None or self._stopping.is_set():
                return
            self._begin(first)
            while (frame := await self._receive(child)) is not None:
                self._owner.on_frame(frame)
        except TimeoutError:
            self._said = (
                self._said or f"The model did not load within {self._settings.load_deadline_s:.0f} s."
            )
        except FrameError as error:
            self._said = self._said or f"The process broke the frame protocol: {error}."

    async def _loaded(self, child: Child) -> FromChild | None:
        """The first frame that is no sign of loading; None as ``_receive`` has it."""
        while (frame := await self._receive(child)) is not None:
            if not self._owner.on_loading(frame):
                return frame
        return None

    async def _receive(self, child: Child) -> FromChild | None:
        """The next frame; None at the end of the channel, or when the child says that it gives up."""
        frame = await child.channel.receive()
        if isinstance(frame, Fatal):
            self._said = frame.message
            return None
        return frame

    def _begin(self, first: FromChild) -> None:
        self.confinement = self._owner.on_ready(first) + self._memory.wall
        self._ready_once = True
        self._log.info("child_ready", role=self._load.role, pid=self.pid, confinement=self.confinement)
        self._become(ModelState.READY)

    def _part(self) -> bool:
        """The child is as good as dead: nothing is asked of it from here on."""
        counts = self._owner.on_death()
        if not self._stopping.is_set():
            reason = self._said or "The process died without a word."
            self._become(ModelState.RESTARTING if self._ready_once else ModelState.LOADING, reason)
        return counts

    async def _bury(self, child: Child) -> None:
        how = await child.end()
        self._memory.release()
        self._child = None
        tell = self._log.info if self._stopping.is_set() else self._log.warning
        tell("child_ended", role=self._load.role, pid=child.pid, how=how, reason=self._said)

    def _delay(self, *, counts: bool) -> float | None:
        """Seconds until the next start, or None for no more."""
        if not self._ready_once and self._said is not None:
            return None
        if not counts:
            return 0.0
        now_s = self._clock.monotonic_s()
        self._deaths_s.append(now_s)
        return delay_before_restart(self._deaths_s, now_s, self._settings.restarts)

    async def _pause(self, delay_s: float) -> None:
        """Wait, but not for somebody who stops this meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._stopping.wait()

    def _become(self, state: ModelState, reason: str | None = None) -> None:
        self.state, self.reason = state, reason
        if state in {ModelState.LOADING, ModelState.RESTARTING}:
            self._settled.clear()
        else:
            self._settled.set()
        self._owner.on_change()

    def _note_defect(self, task: asyncio.Task[None]) -> None:
        """Supervision itself failed, which is a defect of Carrel: say so, and serve nothing with it."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._log.error("supervision_failed", role=self._load.role, error=type(error).__name__)
            self._become(
                ModelState.FAILED, "Carrel lost control of this process. Stop the model and run it again."
            )
