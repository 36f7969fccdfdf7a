"""Loans as they are told. Pure."""

from dataclasses import dataclass

from appliance.domain.peers import Borrowed, Peer
from appliance.domain.results.peers import BorrowedLine, PeerLine


@dataclass(frozen=True, slots=True)
class Use:
    """In micro-credits; ``left_micro`` None is without limit."""

    spent_micro: int = 0
    left_micro: int | None = None


def peer_line(one: Peer, use: Use) -> PeerLine:
    """One box elsewhere."""
    return PeerLine(
        id=one.id,
        box=one.box,
        institution=one.institution,
        model=one.model,
        hosted=one.hosted,
        state=one.state,
        purpose=one.purpose,
        contact=one.contact,
        wanted_per_day=one.wanted_per_day,
        wanted_days=one.wanted_days,
        asked_ms=one.asked_ms,
        project=one.project_id,
        key=one.key_id,
        limit_micro=one.limit_micro,
        spent_micro=use.spent_micro,
        left_micro=use.left_micro,
        requests_per_day=one.requests_per_day,
        until_ms=one.until_ms,
        conditions=one.conditions,
        reason=one.reason,
        decided_by=one.decided_by,
        decided_ms=one.decided_ms,
    )


def borrowed_line(one: Borrowed, lacks: str) -> BorrowedLine:
    """One model elsewhere; ``lacks`` is why it cannot be asked now."""
    return BorrowedLine(
        id=one.id,
        model=one.model,
        organization=one.organization,
        state=one.state,
        purpose=one.purpose,
        asked_by=one.asked_by,
        asked_ms=one.asked_ms,
        limit_micro=one.limit_micro,
        requests_per_day=one.requests_per_day,
        until_ms=one.until_ms,
        conditions=one.conditions,
        reason=one.reason,
        lacks=lacks,
        changed_ms=one.changed_ms,
    )
