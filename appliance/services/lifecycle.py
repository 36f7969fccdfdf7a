"""The box as a whole: its state in one word, whether it is ready, and how it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.results import (
    DoorLine,
    DownloadStatus,
    ModelSummary,
    QueueLine,
    QueueStatus,
    Result,
    Status,
    Stopped,
)
from appliance.services.generation.runs import Runs
from appliance.services.models.models import ModelService
from appliance.services.queue import DispatchQueue


@dataclass(frozen=True, slots=True)
class Identity:
    """What this gateway says of itself."""

    version: str
    url: str
    pid: int


class Lifecycle:
    """Answers ``status`` and readiness, and carries ``down`` to whoever waits for it."""

    def __init__(
        self,
        *,
        identity: Identity,
        models: ModelService,
        runs: Runs,
        queue: DispatchQueue,
        storage_trouble: Callable[[], str | None],
        clock: Clock,
        tasks: Callable[[], tuple[str, ...]] = tuple,
        downloads: Callable[[], tuple[DownloadStatus, ...]] = tuple,
        alarms: Callable[[], tuple[str, ...]] = tuple,
        federation: Callable[[], str] = lambda: "not enrolled",
        doors: Callable[[], tuple[DoorLine, ...]] = tuple,
        network: Callable[[], tuple[bool, str]] = lambda: (False, ""),
    ) -> None:
        self._identity = identity
        self._models = models
        self._runs = runs
        self._queue = queue
        self._storage_trouble = storage_trouble
        self._clock = clock
        self._tasks = tasks
        self._downloads = downloads
        self._alarms = alarms
        self._federation = federation
        self._doors = doors
        self._network = network
        self._started_s = clock.monotonic_s()
        self._stop = asyncio.Event()

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"status": self.status, "down": self.down}

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self._identity.url

    @property
    def state(self) -> str:
        """``stopping``, ``starting``, ``degraded`` or ``ready``."""
        if self._stop.is_set():
            return "stopping"
        if not self._models.settled:
            return "starting"
        return "degraded" if self._models.unwell or self._storage_trouble() else "ready"

    def why_not(self) -> str | None:
        """Why the box does not take requests, or None while it does."""
        match self.state:
            case "ready":
                return None
            case "degraded":
                return self._storage_trouble() or "Not ready: " + ", ".join(self._models.unwell)
            case state:
                return f"The box is {state}."

    async def status(self) -> Status:
        """``status``."""
        models: tuple[ModelSummary, ...] = self._models.summaries(every=False)
        offline, network = self._network()
        return Status(
            state=self.state,
            version=self._identity.version,
            url=self._identity.url,
            pid=self._identity.pid,
            uptime_s=int(self._clock.monotonic_s() - self._started_s),
            models=models,
            queue=self._queue_status(),
            storage=self._storage_trouble() or "ok",
            federation=self._federation(),
            offline=offline,
            network=network,
            tasks=self._tasks(),
            downloads=self._downloads(),
            alarms=self._alarms(),
            doors=self._doors(),
        )

    def _queue_status(self) -> QueueStatus:
        lines = tuple(
            QueueLine(
                model=one.model,
                service_class=one.service_class,
                waiting=one.waiting,
                running=one.running,
                oldest_wait_s=one.oldest_wait_s,
                eta_s=one.eta_s,
            )
            for one in self._queue.states()
        )
        return QueueStatus(
            waiting=self._queue.waiting,
            running=self._runs.running,
            limit=self._queue.limit,
            lines=lines,
        )

    async def down(self) -> Stopped:
        """``down``: the answer goes out, then the box stops."""
        self.request_stop()
        return Stopped(stopped=True)

    def request_stop(self) -> None:
        """Stop soon: what ``down`` and SIGTERM do."""
        self._stop.set()

    async def stop_requested(self) -> None:
        """Wait until someone asks the box to stop."""
        await self._stop.wait()
