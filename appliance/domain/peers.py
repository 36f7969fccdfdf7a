"""Models that labs lend each other: hosted by one, asked by others."""

from dataclasses import dataclass
from typing import Final, Literal

PeerState = Literal["asked", "granted", "denied", "revoked", "returned"]
"""``revoked`` by the owner, ``returned`` by the lab that had it."""
OPEN: Final = frozenset({"asked", "granted"})


@dataclass(frozen=True, slots=True)
class Peer:
    """A box elsewhere that asked to use a model hosted here. ``id`` is the thread of its letters, ``box`` its
    thumbprint, ``model`` the id under which it is listed, ``hosted`` the one that runs here.

    ``project_id`` and ``key_id`` are what was made for it here. Amounts in micro-credits, times in ms; None
    is without limit, 0 a day without one.
    """

    id: str
    box: str
    institution: str
    sealing_key: str
    model: str
    hosted: str
    purpose: str
    contact: str
    wanted_per_day: int
    wanted_days: int
    asked_ms: int
    state: PeerState = "asked"
    reason: str = ""
    conditions: str = ""
    project_id: str = ""
    key_id: str = ""
    limit_micro: int | None = None
    requests_per_day: int = 0
    until_ms: int | None = None
    decided_by: str = ""
    decided_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A model hosted elsewhere that this box asked for. ``id`` is the thread. ``limit_micro`` and the rest
    are what its owner said with the key.
    """

    id: str
    model: str
    organization: str
    purpose: str
    asked_by: str
    asked_ms: int
    state: PeerState = "asked"
    reason: str = ""
    conditions: str = ""
    limit_micro: int | None = None
    requests_per_day: int = 0
    until_ms: int | None = None
    changed_ms: int | None = None
