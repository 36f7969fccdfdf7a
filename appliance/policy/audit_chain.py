"""The hash chain of the audit log: how a row is joined to the one before, and what does not fit.

Two chains, of acts and of their outcomes; each act vouches for all outcomes before it. A chain shows that
something was changed, not who did it: whoever can write the file can make another chain. What they cannot
make fit are the heads that others keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.domain.audit import BEGUN, NO_HASH, Act, AuditHead, AuditOutcome, AuditRow
from appliance.errors import BadRequest
from appliance.trust.canonical import digest

_UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row that is not what was written, or where one is missing, and why, in words."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a chain goes."""

    seq: int = -1
    hash: str = NO_HASH
    outcomes: int = 0
    outcomes_hash: str = NO_HASH

    def head(self, box: str) -> AuditHead:
        """The same, to be kept elsewhere."""
        return AuditHead(
            box=box,
            seq=self.seq,
            hash=self.hash,
            outcomes=self.outcomes,
            outcomes_hash=self.outcomes_hash,
        )


def next_row(reached: Reached, act: Act) -> AuditRow:
    """The row of an act behind what was reached."""
    row = AuditRow(
        seq=reached.seq + 1,
        at_ms=act.at_ms,
        actor=act.actor,
        permission=act.permission,
        origin=act.origin,
        action=act.action,
        arguments=act.arguments,
        outcomes=reached.outcomes,
        outcomes_hash=reached.outcomes_hash,
        prev_hash=reached.hash,
        hash="",
    )
    return msgspec.structs.replace(row, hash=digest(row))


def next_outcome(reached: Reached, seq: int, at_ms: int, outcome: str) -> AuditOutcome:
    """How the act of row ``seq`` ended, behind what was reached."""
    noted = AuditOutcome(
        number=reached.outcomes + 1,
        seq=seq,
        at_ms=at_ms,
        outcome=outcome,
        prev_hash=reached.outcomes_hash,
        hash="",
    )
    return msgspec.structs.replace(noted, hash=digest(noted))


class Chain:
    """Takes a record from its beginning on, in order: rows, and between them the outcomes that were noted.

    ``heads`` are what is known of it from elsewhere. Ends at the first fault: ask no more after it.
    """

    def __init__(self, box: str, heads: Sequence[AuditHead] = ()) -> None:
        self._box = box
        self._heads = tuple(heads)
        self.reached = Reached()

    def take(self, row: AuditRow, outcomes: Sequence[AuditOutcome]) -> Fault | None:
        """The next row, with the outcomes that were noted since the row before."""
        expected = self.reached.seq + 1
        reason = self._wrong_with(row, expected)
        if reason is not None:
            return Fault(expected, reason)
        fault = self._take_outcomes(outcomes, row.seq)
        if fault is not None:
            return fault
        if (row.outcomes, row.outcomes_hash) != (self.reached.outcomes, self.reached.outcomes_hash):
            return Fault(row.seq, "an outcome that was noted before it is not there")
        self.reached = Reached(row.seq, row.hash, row.outcomes, row.outcomes_hash)
        return self._contradicted(row.seq)

    def end(self, outcomes: Sequence[AuditOutcome]) -> Fault | None:
        """No more rows; ``outcomes`` were noted since the last. What heads know of and is not there is cut
        off.
        """
        furthest = max((one.seq for one in self._heads), default=-1)
        if furthest > self.reached.seq:
            return Fault(self.reached.seq + 1, f"rows to {furthest} were there and are not")
        if self.reached.seq < 0:
            return Fault(0, "there is no row")
        fault = self._take_outcomes(outcomes, self.reached.seq)
        if fault is not None:
            return fault
        if max((one.outcomes for one in self._heads), default=0) > self.reached.outcomes:
            return Fault(self.reached.seq, f"outcome {self.reached.outcomes + 1} was there and is not")
        return None

    def _wrong_with(self, row: AuditRow, expected: int) -> str | None:
        if row.seq != expected:
            return f"row {expected} is missing"
        if row.prev_hash != self.reached.hash or digest_of(row) != row.hash:
            return "it is not what was written"
        if row.seq == 0 and (row.action, row.arguments) != (BEGUN, beginning(self._box)):
            return "it is not the beginning of this box's log"
        return None

    def _take_outcomes(self, outcomes: Sequence[AuditOutcome], seq: int) -> Fault | None:
        for one in outcomes:
            reached = self.reached
            which = f"outcome {reached.outcomes + 1}, of row {one.seq}, is not"
            fits = one.number == reached.outcomes + 1 and one.prev_hash == reached.outcomes_hash
            if not fits or digest_of(one) != one.hash:
                return Fault(seq, f"{which} what was written")
            self.reached = Reached(reached.seq, reached.hash, one.number, one.hash)
            if any(head.outcomes == one.number and head.outcomes_hash != one.hash for head in self._heads):
                return Fault(seq, f"{which} the one that was exported")
        return None

    def _contradicted(self, seq: int) -> Fault | None:
        if any(head.seq == seq and head.hash != self.reached.hash for head in self._heads):
            return Fault(seq, "it is not the row that was exported; any row before it may be another too")
        return None


def beginning(box: str) -> str:
    """The arguments of the first row."""
    return f'{{"key":"{box}"}}'


def digest_of(record: AuditRow | AuditOutcome) -> str:
    """The hash that it should have."""
    try:
        return digest(msgspec.structs.replace(record, hash=""))
    except (BadRequest, UnicodeEncodeError):
        return _UNREADABLE
