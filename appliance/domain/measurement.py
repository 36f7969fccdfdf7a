"""What a model was found to take of memory after it was loaded. Sizes in bytes, of one replica."""

from dataclasses import dataclass

from appliance.domain.recipe import Precision


@dataclass(frozen=True, slots=True)
class MemoryMeasurement:
    """One load. ``gpus`` is empty where it lies in the machine's memory.

    ``planned_bytes`` is all that was planned, with what a plan leaves free; 0 where nothing was planned.
    ``weight_bytes`` and ``cache_bytes`` are as the engine tells them, of all ranks, 0 where it does not.
    ``resident_bytes`` is the most that its processes had of the machine's memory until it was ready,
    ``gpu_bytes`` what the driver says that they hold of GPUs, 0 where it does not.
    """

    model: str
    revision: int
    engine_build: str
    precision: Precision
    gpus: tuple[int, ...]
    planned_bytes: int
    weight_bytes: int
    cache_bytes: int
    resident_bytes: int
    gpu_bytes: int
    measured_ms: int

    @property
    def held_bytes(self) -> int:
        """What is to be compared with the plan: memory of GPUs where it lies on them. 0: not known."""
        if self.gpus:
            return self.gpu_bytes or self.weight_bytes + self.cache_bytes
        return self.resident_bytes

    def exceeds_plan(self) -> bool:
        """Whether it takes over a tenth more than planned."""
        return self.planned_bytes > 0 and 10 * self.held_bytes > 11 * self.planned_bytes
