"""What is given or taken outside of requests: refunds, grants, bounties, corrections."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from appliance.domain.adjustment import Adjustment, AdjustmentKind, BudgetRequest
from appliance.domain.allocation import Account
from appliance.domain.clock import Clock


class Adjustments(Protocol):
    """Where they are remembered."""

    async def add(self, adjustment: Adjustment) -> None:
        """Raises ``NotFound``, ``Conflict``."""
        ...

    async def refund(self, request_id: str, micro: int | None, adjustment: Adjustment) -> Adjustment:
        """Raises ``NotFound``, ``Conflict``, ``BadRequest``."""
        ...


class Adjusting:
    """Every one is a row of its own, with who gave it and why."""

    def __init__(self, adjustments: Adjustments, clock: Clock) -> None:
        self._adjustments = adjustments
        self._clock = clock

    async def adjust(
        self,
        *,
        project: str,
        micro: int,
        kind: AdjustmentKind,
        reason: str,
        reference: str = "",
        actor: str,
        person: str | None = None,
    ) -> Adjustment:
        """Let a project spend ``micro`` micro-credits more, for a bounty or a correction.

        ``reference`` is what it is for, such as a report's id: for one of it nothing is given twice.
        ``person`` is whom it honors. Raises ``NotFound`` for an unknown project, ``Conflict`` the second
        time.
        """
        made = self._new(kind, project=project, micro=micro, reason=reason, actor=actor)
        made = replace(made, person_id=person, reference=reference)
        await self._adjustments.add(made)
        return made

    async def refund(self, request_id: str, micro: int | None, *, reason: str, actor: str) -> Adjustment:
        """Give back what a request cost, or a part of it; once, and never more.

        Raises ``NotFound``, ``Conflict``, ``BadRequest``.
        """
        made = self._new(AdjustmentKind.REFUND, project="", micro=micro or 0, reason=reason, actor=actor)
        return await self._adjustments.refund(request_id, micro, made)

    def _new(self, kind: AdjustmentKind, *, project: str, micro: int, reason: str, actor: str) -> Adjustment:
        return Adjustment(_fresh_id(), kind, project, micro, reason, actor, self._clock.now_ms())


def gift(decided: BudgetRequest) -> Adjustment:
    """What an approved request for more gives to the whole project."""
    return Adjustment(
        _fresh_id(),
        AdjustmentKind.GRANT,
        decided.project_id,
        decided.granted_micro,
        decided.decision or decided.reason,
        decided.decided_by,
        decided.decided_ms or 0,
        person_id=decided.person_id,
        reference=decided.id,
    )


def gifts_to(accounts: Sequence[Account], decided: BudgetRequest) -> Sequence[Adjustment]:
    """What it gives to one person: as much more in each account that limits them, in its present window."""
    return [
        replace(
            gift(decided),
            allocation_id=one.allocation.id,
            subject=one.subject,
            opened_ms=one.opened_ms,
            reference=f"{decided.id} {one.allocation.id}",
        )
        for one in accounts
    ]


def _fresh_id() -> str:
    return f"adj_{secrets.token_bytes(6).hex()}"
