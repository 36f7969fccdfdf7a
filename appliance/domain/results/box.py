"""What actions on the box as a whole answer."""

from appliance.domain.results.base import Result
from appliance.domain.results.downloads import DownloadStatus
from appliance.domain.results.models import ModelSummary


class DoorLine(Result, frozen=True):
    """One way into the box that is open. ``kind`` is ``api``, ``lan`` (TLS) or ``class`` (plain HTTP, for the
    ``classes``). ``name_url`` is the same by name. ``fingerprint`` is the SHA-256 of the box's own authority,
    empty where the certificate is somebody else's. ``trouble`` is why nobody finds it by name.
    """

    url: str
    kind: str
    name_url: str = ""
    fingerprint: str = ""
    certificate_ends_ms: int | None = None
    classes: tuple[str, ...] = ()
    trouble: str = ""


class Started(Result, frozen=True):
    """The box is up."""

    url: str
    pid: int
    models: tuple[ModelSummary, ...]
    doors: tuple[DoorLine, ...] = ()


class Stopped(Result, frozen=True):
    """The box is down, or goes down."""

    stopped: bool


class QueueLine(Result, frozen=True):
    """Requests of one class for one model. ``service_class`` is ``interactive`` or ``batch``.

    ``oldest_wait_s`` is how long the first to come has waited; ``eta_s`` when the last of them should begin,
    None where nobody can tell or nobody waits.
    """

    model: str
    service_class: str
    waiting: int
    running: int
    oldest_wait_s: int
    eta_s: int | None


class QueueStatus(Result, frozen=True):
    """Requests that wait and run: all of them, and by model and class."""

    waiting: int
    running: int
    limit: int
    lines: tuple[QueueLine, ...] = ()


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
    tasks: tuple[str, ...] = ()
    """What operators have it do that takes long, and how far that is; each in words."""
    downloads: tuple[DownloadStatus, ...] = ()
    """Those that run, wait, or can go on."""
    alarms: tuple[str, ...] = ()
    """What somebody has to look at, beside models and storage; each a sentence."""
    doors: tuple[DoorLine, ...] = ()
    """By which the box is reached now."""
    offline: bool = False
    """Nobody outside is asked."""
    network: str = ""
    """Why that is so; or, of a box that is online, for how long it reached nobody. Empty: nothing to say."""


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
