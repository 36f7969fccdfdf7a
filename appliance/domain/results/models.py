"""What actions on models answer."""

from appliance.domain.results.base import Result


class ReplicaStatus(Result, frozen=True):
    """One worker process."""

    pid: int | None
    state: str
    restarts: int
    running: int
    kv_tokens: int
    free_kv_tokens: int
    free_sequences: int
    confinement: tuple[str, ...]


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


class ModelList(Result, frozen=True):
    """Models of this box."""

    models: tuple[ModelSummary, ...]


class ModelFile(Result, frozen=True):
    """One file of a model."""

    name: str
    size_bytes: int
    sha256: str
    present: bool


class ModelDetail(Result, frozen=True):
    """All about one model."""

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
