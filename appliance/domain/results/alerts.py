"""What actions on alerts answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class AlertLine(Result, frozen=True):
    """One matter within an hour. ``state`` is ``waiting``, ``delivered``, ``failed`` or ``kept``; ``why``
    says what keeps it from being delivered.
    """

    id: str
    kind: str
    subject: str
    level: str
    says: str
    next_step: str
    times: int
    first_ms: int
    last_ms: int
    state: str
    why: str


class AlertList(Result, frozen=True):
    """Alerts, the newest first, and the ways on which they are told."""

    ways: tuple[str, ...]
    alerts: tuple[AlertLine, ...]


class AlertTried(Result, frozen=True):
    """One way; ``reason`` is why nothing went out on it, empty where it did."""

    way: str
    reason: str


class AlertTest(Result, frozen=True):
    """What became of a test alert. ``ok`` is false where there is no way at all, too."""

    ok: bool
    tried: tuple[AlertTried, ...]
