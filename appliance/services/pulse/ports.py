"""What the pulse looks at."""

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from typing import Protocol

from appliance.domain.hardware import GpuSample
from appliance.services.generation.run import Run
from appliance.services.models.running import RunningModel
from appliance.services.queue.line import LineState


class Runs(Sized, Iterable[Run], Protocol):
    """Requests that wait or are computed."""

    @property
    def running(self) -> int:
        """How many of them left the queue."""
        ...


class Queue(Protocol):
    """Where requests wait."""

    @property
    def waiting(self) -> int:
        """How many wait, lines of batches left out."""
        ...

    def states(self) -> Sequence[LineState]:
        """By model and class."""
        ...


class Models(Protocol):
    """What runs."""

    @property
    def present(self) -> Sequence[RunningModel]:
        """Every model that has processes or is about to."""
        ...


class Host(Protocol):
    """The machine that the box is on. Neither blocks."""

    def processor_percent(self) -> float:
        """Of all cores, since it was asked last."""
        ...

    def memory_used_bytes(self) -> int:
        """What processes hold of the memory."""
        ...


class Gpus(Protocol):
    """What the driver last told, by somebody who asks it elsewhere."""

    @property
    def latest(self) -> tuple[GpuSample, ...]:
        """Nothing without a driver, or where it has not answered for a while."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """Of the models' disk, in bytes. ``needed`` is what downloads still take of it."""

    free: int
    total: int
    needed: int
