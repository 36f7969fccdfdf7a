"""What actions on reports of use answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class FedPreviewed(Result, frozen=True):
    """A message as it leaves. ``payload`` is the text of the very bytes that are signed; ``sha256`` is of the
    whole token, signature included. ``waits`` is False for what would only be sent now.
    """

    id: str
    kind: str
    summary: str
    size_bytes: int
    sha256: str
    payload: str
    waits: bool


class FedPreview(Result, frozen=True):
    """In the order in which they are sent; ``left_out`` more wait."""

    messages: tuple[FedPreviewed, ...]
    left_out: int


class FedReporting(Result, frozen=True):
    """Whether the box reports its use, and what follows from that."""

    reporting: bool
    says: str


class FedUsage(Result, frozen=True):
    """Records as lines, for a spreadsheet or another accounting system."""

    format: str
    lines: tuple[str, ...]


class FedCheck(Result, frozen=True):
    """Rows of a report that the registry wants to see. ``state``: ``open``, ``shown``, ``refused``; ``why``
    nothing was shown.
    """

    id: str
    epoch: int
    seq: int
    rows: int
    reason: str
    came_ms: int
    state: str
    why: str
    decided_ms: int | None


class FedChecks(Result, frozen=True):
    """The newest first."""

    checks: tuple[FedCheck, ...]
