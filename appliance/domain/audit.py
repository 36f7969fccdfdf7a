"""The record of who did what to the box: its rows, how they ended, and where the record stands."""

from dataclasses import dataclass
from typing import Final

import msgspec

NO_HASH: Final = "0" * 64
"""What stands before the first of a chain."""
BEGUN: Final = "audit.begun"
"""The act of the first row. It names the box's key, so that no other box's log passes for this one's."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody is about to do. ``arguments`` is canonical JSON without anything secret or personal."""

    at_ms: int
    actor: str
    permission: str
    origin: str
    action: str
    arguments: str


class AuditRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One act, written before it was carried out. ``hash`` is SHA-256, in hex, of the row's canonical JSON
    with an empty ``hash``.

    ``outcomes`` is how many outcomes had been noted by then, ``outcomes_hash`` the hash of the last of them.
    """

    seq: int
    at_ms: int
    actor: str
    permission: str
    origin: str
    action: str
    arguments: str
    outcomes: int
    outcomes_hash: str
    prev_hash: str
    hash: str


class AuditOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the act of row ``seq`` ended: ``ok``, or the code of an error. The ``number``-th that was noted,
    from 1; hashed as rows are.
    """

    number: int
    seq: int
    at_ms: int
    outcome: str
    prev_hash: str
    hash: str


class AuditHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the record stands: its last row and its last outcome. ``box`` is the thumbprint of the box's key.

    Whoever keeps one can tell later whether what it vouches for is still there.
    """

    box: str
    seq: int
    hash: str
    outcomes: int
    outcomes_hash: str


@dataclass(frozen=True, slots=True)
class AuditedAct:
    """A row with its outcome; None where it did not end, or nobody could note how."""

    row: AuditRow
    outcome: str | None
