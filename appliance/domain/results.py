"""What each operator action answers: one closed struct an action, the same on socket, command line and
screen.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

Micro = Annotated[int, Meta(ge=0)]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all results."""


class Started(Result, frozen=True):
    """The box is up."""

    url: str
    pid: int
    models: tuple["ModelSummary", ...]


class Stopped(Result, frozen=True):
    """The box is down, or goes down."""

    stopped: bool


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


class QueueStatus(Result, frozen=True):
    """Requests that wait and run."""

    waiting: int
    running: int
    limit: int


class Status(Result, frozen=True):
    """What the box is doing. ``state`` is ``ready``, ``starting``, ``degraded`` or ``stopping``."""

    state: str
    version: str
    url: str
    pid: int
    uptime_s: int
    models: tuple[ModelSummary, ...]
    queue: QueueStatus
    storage: str
    federation: str


class Check(Result, frozen=True):
    """One check of the doctor. ``state`` is ``ok``, ``warn`` or ``fail``; ``fix`` is a command or empty."""

    id: str
    state: str
    reason: str
    fix: str


class Diagnosis(Result, frozen=True):
    """All checks."""

    ok: bool
    checks: tuple[Check, ...]


class Answer(Result, frozen=True):
    """A model's answer with its counts."""

    model: str
    answer: str
    prompt_tokens: int
    completion_tokens: int
    request_id: str


class LogLines(Result, frozen=True):
    """Log records, oldest first, each a JSON text."""

    lines: tuple[str, ...]


class HandbookPage(Result, frozen=True):
    """A page of the handbook in Markdown, or the list of pages with ``text`` empty."""

    topic: str
    text: str
    topics: tuple[str, ...]


class UsageLine(Result, frozen=True):
    """Sums over requests of one group."""

    group: str
    requests: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    gpu_ms: int
    wall_ms: int
    gflop: int


class UsageReport(Result, frozen=True):
    """What was used since ``since_ms`` (ms since 1970 UTC)."""

    by: str
    since_ms: int
    lines: tuple[UsageLine, ...]


class Setting(Result, frozen=True):
    """One setting; ``origin`` is ``flag``, ``environment``, ``file`` or ``default``, and ``detail`` says
    which.
    """

    key: str
    value: str
    origin: str
    detail: str
    help: str


class Configuration(Result, frozen=True):
    """Settings, and the file that ``config set`` writes."""

    file: str
    settings: tuple[Setting, ...]
    restart_needed: bool = False


class ProjectSummary(Result, frozen=True):
    """One project."""

    id: str
    name: str
    created_ms: int


class ProjectList(Result, frozen=True):
    """Projects."""

    projects: tuple[ProjectSummary, ...]


class KeyIssued(Result, frozen=True):
    """A new key, the only time its secret is shown."""

    key: str
    id: str
    name: str
    project: str
    expires_ms: int | None


class KeySummary(Result, frozen=True):
    """A key without its secret. ``state`` is ``active``, ``expired`` or ``revoked``."""

    id: str
    name: str
    last4: str
    project: str
    person: str
    state: str
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None


class KeyList(Result, frozen=True):
    """Keys."""

    keys: tuple[KeySummary, ...]


class BudgetState(Result, frozen=True):
    """A project's account in micro-credits; ``limit_micro`` None is without limit."""

    project: str
    limit_micro: Micro | None
    spent_micro: Micro
    held_micro: Micro
