"""What actions on the box as a whole answer."""

from appliance.domain.results.base import Result
from appliance.domain.results.models import ModelSummary


class Started(Result, frozen=True):
    """The box is up."""

    url: str
    pid: int
    models: tuple[ModelSummary, ...]


class Stopped(Result, frozen=True):
    """The box is down, or goes down."""

    stopped: bool


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
