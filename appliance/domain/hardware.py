"""What a machine has to run models on, as found or as imagined. Sizes in bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process that holds memory of a GPU. ``ours`` is true for Carrel's own workers; ``user`` is the login
    of its owner.
    """

    pid: int
    name: str
    memory_bytes: int
    ours: bool = False
    user: str = ""


@dataclass(frozen=True, slots=True)
class GpuGauges:
    """What a GPU's own instruments show; None what its driver does not tell. ``limit_w`` is the most power it
    may draw now, ``ecc_errors`` counts memory errors that were not corrected since the driver was loaded.
    """

    temperature_c: int | None = None
    power_w: float | None = None
    limit_w: float | None = None
    utilization_percent: int | None = None
    ecc_errors: int | None = None


@dataclass(frozen=True, slots=True)
class GpuSample:
    """What is remembered of a GPU for an hour; None what its driver did not tell."""

    index: int
    memory_used_bytes: int | None = None
    utilization_percent: int | None = None
    temperature_c: int | None = None
    power_w: float | None = None


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
    gauges: GpuGauges = GpuGauges()


@dataclass(frozen=True, slots=True)
class Inventory:
    """A whole machine. ``processor_engines`` are those that are installed there in a build without GPUs."""

    gpus: tuple[Gpu, ...]
    memory_total_bytes: int
    memory_available_bytes: int
    cores: int
    processor_engines: frozenset[str] = frozenset()
