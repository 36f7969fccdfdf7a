"""What actions on the registry that the box belongs to answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class FedEnrolled(Result, frozen=True):
    """``request`` is the file that has to be carried to the registry first; empty: the box is enrolled."""

    box: str
    registry: str
    address: str
    institution: str
    organization: str
    request: str
    reported: str
    """What leaves the box from now on, in words."""


class FedCount(Result, frozen=True):
    """So many of a kind. ``state`` of messages is ``waiting`` or ``refused``; ``oldest_ms`` None where it
    does not matter.
    """

    kind: str
    state: str
    count: int
    oldest_ms: int | None = None


class FedRefused(Result, frozen=True):
    """A message that the registry does not take. ``problem`` is its name for why."""

    id: str
    kind: str
    problem: str
    summary: str
    made_ms: int


class FedLine(Result, frozen=True):
    """One thing to know, in words."""

    name: str
    text: str


class FedStatus(Result, frozen=True):
    """Where the box belongs and how it stands with it. Times are None for never. ``outcome`` is of the last
    sync, in words; ``box`` is the id that it enrolled with, ``key`` that of its key now.
    """

    enrolled: bool
    registry: str
    address: str
    institution: str
    organization: str
    box: str
    key: str
    reporting: bool
    last_ms: int | None
    good_ms: int | None
    next_ms: int | None
    outcome: str
    outbox: tuple[FedCount, ...]
    refused: tuple[FedRefused, ...]
    lines: tuple[FedLine, ...]
    notices: int


class FedSynced(Result, frozen=True):
    """What a sync did. ``not_believed`` says of statements that were not taken why; ``waiting`` messages are
    left.
    """

    outcome: str
    sent: tuple[FedCount, ...]
    came: tuple[FedCount, ...]
    refused: tuple[FedRefused, ...]
    not_believed: tuple[str, ...]
    troubles: tuple[str, ...]
    catalog: str
    waiting: int


class FedExported(Result, frozen=True):
    """A file for the registry. ``sent`` counts its messages by kind."""

    file: str
    size_bytes: int
    sent: tuple[FedCount, ...]


class FedRotated(Result, frozen=True):
    """``state`` is ``waiting`` until the registry has taken the new key, then ``rotated``."""

    state: str
    key: str
    next_key: str


class FedLeft(Result, frozen=True):
    """What leaving took with it. ``leases`` say until when what was signed stays good."""

    registry: str
    lost_messages: int
    says: str


class FedNotice(Result, frozen=True):
    """Words of the registry for the operator."""

    id: str
    text: str
    signed_ms: int
    taken_ms: int


class FedNotices(Result, frozen=True):
    """The newest first."""

    notices: tuple[FedNotice, ...]


class FedMessage(Result, frozen=True):
    """A message that was refused: it waits again, or is gone (``state``)."""

    id: str
    state: str
