"""What actions on models answer."""

from appliance.domain.results.base import Result
from appliance.domain.results.licenses import ModelTerms
from appliance.domain.results.verifying import FormFidelity


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


class UpstreamStatus(Result, frozen=True):
    """Of a model that is hosted elsewhere: to whom prompts go and under which terms. Prices are in
    micro-credits for a million tokens. ``counted`` is ``tokenizer`` or ``estimate``.

    ``answers`` are those whose host reported its counts, ``alarms`` those of them that differ from ours by
    more than a tenth, and answers that had to be cut; ``off`` says why the model is not used.
    """

    host: str
    address: str
    model: str
    key: str | None
    key_stored: bool
    features: tuple[str, ...]
    prompt_micro: int
    cached_micro: int
    completion_micro: int
    counted: str
    answers: int
    alarms: int
    unreported: int
    off: str | None = None


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
    leaves_box: str | None = None
    """The host that prompts go to; None: they stay on this box."""
    lacks: str | None = None
    """What of its license is missing before it is loaded: ``acceptance``, ``grant`` or ``lease``."""
    approved_by: str = ""
    """By whom it was approved, as a sentence, and whether that word is still good."""
    damaged: str | None = None
    """What was wrong with its files when they were read last; a model that runs goes on."""


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


class ModelMemory(Result, frozen=True):
    """What one replica was found to take when it was loaded last, in bytes. ``planned_bytes`` is all that was
    planned, 0 where nothing was; ``held_bytes`` is what there is to compare with it: memory of ``gpus``, or
    the machine's own.

    ``weight_bytes`` and ``cache_bytes`` are the engine's word, ``gpu_bytes`` the driver's, 0 where it has
    none; ``resident_bytes`` is the most of the machine's memory that the processes had until it was ready.
    """

    planned_bytes: int
    held_bytes: int
    weight_bytes: int
    cache_bytes: int
    resident_bytes: int
    gpu_bytes: int
    gpus: tuple[int, ...]
    engine_build: str
    measured_ms: int


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
    fidelity: FormFidelity | None = None
    """As it was measured last of these very files."""
    memory: ModelMemory | None = None
    """Of its last load with this revision of the recipe."""
    leaves_box: str | None = None
    """The host that prompts go to; None: they stay on this box."""
    approved_by: str = ""
    """By whom it was approved, as a sentence, and whether that word is still good."""
    upstream: UpstreamStatus | None = None
    terms: ModelTerms | None = None
    """Under which terms it is used, and how the box stands with them."""
    restrictions: tuple[str, ...] = ()
    """What the lab allows of it, one sentence for each restriction."""
