"""What a machine has to run models on, as found or as imagined. Sizes in bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process that holds memory of a GPU. ``ours`` is true for Carrel's own workers."""

    pid: int
    name: str
    memory_bytes: int
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU. ``index`` is its place in the driver's order, as in ``CUDA_VISIBLE_DEVICES``.

    ``faults`` are sentences about what makes it unfit: uncorrected memory errors, a driver that lost it.
    ``allowed`` is false where the configuration or an operator took it from Carrel.
    """

    index: int
    name: str
    memory_total_bytes: int
    memory_free_bytes: int
    driver: str
    uuid: str = ""
    processes: tuple[GpuProcess, ...] = ()
    faults: tuple[str, ...] = ()
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Inventory:
    """A whole machine. ``processor_engines`` are those that are installed there in a build without GPUs."""

    gpus: tuple[Gpu, ...]
    memory_total_bytes: int
    memory_available_bytes: int
    cores: int
    processor_engines: frozenset[str] = frozenset()
