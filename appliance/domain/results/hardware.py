"""What actions on GPUs answer, and whether a model fits. Sizes in bytes."""

from appliance.domain.results.base import Result


class GpuProcessStatus(Result, frozen=True):
    """A process that holds memory of a GPU. ``name`` and ``user``, its owner's login, are empty where the
    system hides them.
    """

    pid: int
    name: str
    memory_bytes: int
    ours: bool
    user: str = ""


class GpuStatus(Result, frozen=True):
    """One GPU. ``state`` is ``ok``, ``broken``, ``released``, ``not_allowed`` (by the setting `gpus`) or
    ``no_engine`` (no engine of this box can use it).

    What its driver does not tell is null. ``limit_w`` is the most power it may draw now, ``ecc_errors`` how
    many errors of its memory could not be corrected since the driver was loaded.
    """

    index: int
    name: str
    state: str
    memory_total_bytes: int
    memory_free_bytes: int
    driver: str
    uuid: str
    faults: tuple[str, ...]
    models: tuple[str, ...]
    processes: tuple[GpuProcessStatus, ...]
    temperature_c: int | None = None
    power_w: float | None = None
    limit_w: float | None = None
    utilization_percent: int | None = None
    ecc_errors: int | None = None


class GpuList(Result, frozen=True):
    """The machine. ``note`` is what the operator should know about what was just done."""

    gpus: tuple[GpuStatus, ...]
    memory_total_bytes: int
    memory_available_bytes: int
    cores: int
    note: str = ""


class FitShare(Result, frozen=True):
    """What a replica takes of one GPU, or of the machine's memory where ``gpu`` is null.

    ``others_bytes`` is held by other processes now; ``free_bytes`` is left over.
    """

    replica: int
    gpu: int | None
    name: str
    layers: int
    weight_bytes: int
    kv_bytes: int
    buffer_bytes: int
    reserve_bytes: int
    others_bytes: int
    free_bytes: int
    total_bytes: int


class FitAdvice(Result, frozen=True):
    """One change that would make it fit: ``seats``, ``context``, ``replicas``, ``form`` or ``gpus``. With
    ``seats`` set, another form and so many seats.
    """

    kind: str
    value: str
    text: str
    seats: int | None


class FitDay(Result, frozen=True):
    """An estimate of 24 hours with every seat busy."""

    tokens: int
    words: int
    dollars: str
    kilowatt_hours: str


class Fit(Result, frozen=True):
    """Whether a model fits a machine, and how. ``verdict`` is ``gpu``, ``replicas``, ``split``, ``cpu`` or
    ``does_not_fit``; seats and context are of one replica.
    """

    model: str
    draft: bool
    machine: str
    fits: bool
    verdict: str
    reason: str
    seats: int
    context_tokens: int
    replicas: int
    shares: tuple[FitShare, ...]
    missing_bytes: int
    advice: tuple[FitAdvice, ...]
    day: FitDay | None
    assumptions: tuple[str, ...]
