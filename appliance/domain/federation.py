"""What a box remembers of the federation that it belongs to, and of what waits to leave it."""

from dataclasses import dataclass
from typing import Literal

OutboxState = Literal["waiting", "done", "refused"]
"""``refused``: by the registry, for good; kept until an operator sends it again or drops it."""


@dataclass(frozen=True, slots=True)
class BelievedKey:
    """``x`` of a registry's public key, and what it may sign: ``statements``, ``status``."""

    x: str
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """The registry that this box is enrolled at. ``box`` is the thumbprint of the key it enrolled with,
    ``present_key`` that of its key now. ``address`` is the registry's, ``enrollment`` its word, as signed.
    """

    box: str
    present_key: str
    registry: str
    address: str
    plain_http: bool
    root_sha256: str
    institution: str
    organization: str
    """The name under which the lab may list models; empty: none."""
    enrollment: str
    enrolled_ms: int
    keys: tuple[BelievedKey, ...]
    rotation: str = ""
    """The registry's word for ``present_key``, as signed, where that is not the key it enrolled with."""


@dataclass(frozen=True, slots=True)
class Joining:
    """An enrollment that was begun: the code as it was given, and the message that was made of it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class SyncTimes:
    """When there was a sync, how it ended in words (empty: well), and when the next one is due.

    0: never. ``failures`` counts those since the last good one.
    """

    next_ms: int = 0
    last_ms: int = 0
    good_ms: int = 0
    failures: int = 0
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message. ``problem`` is the registry's name for why not."""

    seq: int
    id: str
    kind: str
    token: str
    summary: str
    made_ms: int
    state: OutboxState
    tries: int
    problem: str
    done_ms: int


@dataclass(frozen=True, slots=True)
class OutboxCount:
    """Messages of one kind in one state."""

    kind: str
    state: OutboxState
    count: int
    oldest_ms: int


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """Words of the registry for the operator, cleaned. ``signed_ms`` as it says, ``taken_ms`` by this box."""

    id: str
    text: str
    signed_ms: int
    taken_ms: int


@dataclass(frozen=True, slots=True)
class KeptBudget:
    """What the box may compute from one day to another, and what the registry has counted of it."""

    first_day: str
    last_day: str
    limit_micro: int
    reported_micro: int
    signed_ms: int
