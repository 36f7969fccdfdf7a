"""What actions on keys answer."""

from appliance.domain.results.base import Result


class KeyIssued(Result, frozen=True):
    """A new key, the only time its secret is shown."""

    key: str
    id: str
    name: str
    project: str
    expires_ms: int | None


class KeySummary(Result, frozen=True):
    """A key without its secret. ``state`` is ``active``, ``expired`` or ``revoked``; a limit of 0 is none of
    its own. A ``canary`` was laid out and never works.
    """

    id: str
    name: str
    last4: str
    project: str
    person: str
    state: str
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None
    requests_per_minute: int
    tokens_per_minute: int
    requests_per_day: int
    running: int
    canary: bool


class KeyList(Result, frozen=True):
    """Keys."""

    keys: tuple[KeySummary, ...]
