"""What actions on the audit log answer."""

from appliance.domain.results.base import Result


class AuditLine(Result, frozen=True):
    """One act. ``arguments`` is JSON; ``outcome`` is ``ok``, the code of an error, or ``unknown`` where
    nobody could note how it ended.
    """

    seq: int
    at_ms: int
    actor: str
    permission: str
    origin: str
    action: str
    arguments: str
    outcome: str


class AuditList(Result, frozen=True):
    """Acts, newest first. ``more`` is true where not all that fit are shown."""

    acts: tuple[AuditLine, ...]
    more: bool


class AuditHeadShown(Result, frozen=True):
    """Where the log stands. ``signed`` is the same as a token that the box's key signed (JWS), to be kept
    somewhere else.
    """

    box: str
    seq: int
    hash: str
    outcomes: int
    outcomes_hash: str
    signed: str


class AuditVerification(Result, frozen=True):
    """Whether the log is what was written. ``first_bad`` is the first row that is not, or is missing;
    ``reason`` says what is wrong with it. ``rows`` is how many were read and found good.
    """

    ok: bool
    rows: int
    outcomes: int
    first_bad: int | None
    reason: str
    compared_with: int
    """Heads that somebody kept and gave."""


class AuditExport(Result, frozen=True):
    """The log as lines of text, oldest first. ``next_after``: where the next part begins, None at the end."""

    lines: tuple[str, ...]
    next_after: int | None
