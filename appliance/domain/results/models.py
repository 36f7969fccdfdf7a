"""What actions on models answer."""

from appliance.domain.results.base import Result


class ReplicaStatus(Result, frozen=True):
    """One worker process. ``gpus`` are those that it is pinned to, none where it runs on the processor."""

    pid: int | None
    state: str
    gpus: tuple[int, ...]
    threads: int
    memory_bytes: int
    restarts: int
    running: int
    kv_tokens: int
    free_kv_tokens: int
    free_sequences: int
    confinement: tuple[str, ...]
    reason: str | None = None


class ModelSummary(Result, frozen=True):
    """One line of the model list."""

    id: str
    state: str
    title: str
    license: str
    tier: str
    context_tokens: int
    size_bytes: int
    on_disk: bool
    reason: str | None = None
    percent: int | None = None
    """How far it is loaded; None for one that does not load."""


class ModelList(Result, frozen=True):
    """Models of this box."""

    models: tuple[ModelSummary, ...]


class ModelFile(Result, frozen=True):
    """One file of a model."""

    name: str
    size_bytes: int
    sha256: str
    present: bool


class ModelRun(Result, frozen=True):
    """How a model runs. ``seats`` and ``context_tokens`` are of one replica."""

    replicas: int
    seats: int
    context_tokens: int
    deterministic: bool
    gpus: tuple[int, ...] | None = None
    """Only these were asked for; None where the choice was left open."""


class ModelDetail(Result, frozen=True):
    """All about one model. ``eta_s`` is the time until it is loaded, where that can be told."""

    id: str
    state: str
    title: str
    summary: str
    license: str
    tier: str
    engine: str
    revision: int
    context_tokens: int
    files: tuple[ModelFile, ...]
    known_limits: tuple[str, ...]
    replicas: tuple[ReplicaStatus, ...]
    reason: str | None = None
    run: ModelRun | None = None
    percent: int | None = None
    eta_s: int | None = None
