"""What a caller may still spend: every limit that binds them, told to nobody else."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.allocation import Account, Allocation, binding
from appliance.domain.clock import Clock
from appliance.domain.me import OwnLimit
from appliance.domain.people import Caller
from appliance.domain.usage import UsageSum
from appliance.services.ledger.references import References, about


class Accounts(Protocol):
    """What limits whom."""

    async def of_caller(self, caller: Caller) -> Sequence[Account]:
        """All accounts that requests of this caller count to now."""
        ...


class OwnLimits:
    """For ``GET /v1/me``."""

    def __init__(self, accounts: Accounts, references: References, clock: Clock) -> None:
        self._accounts = accounts
        self._references = references
        self._clock = clock

    async def of_caller(self, caller: Caller, used: Sequence[UsageSum]) -> Sequence[OwnLimit]:
        """Every limit that binds them, in words that follow from what they ``used``."""
        reference = self._references.among(used)
        found = await self._accounts.of_caller(caller)
        return [
            OwnLimit(one, about(one.left_micro, reference)) for one in limiting(found, self._clock.now_ms())
        ]


def limiting(accounts: Sequence[Account], now_ms: int) -> Sequence[Account]:
    """Those of one caller that can refuse a request now."""
    by_subject: dict[tuple[str, str], list[Allocation]] = {}
    for one in accounts:
        by_subject.setdefault((one.allocation.scope, one.subject), []).append(one.allocation)
    bound = {one for group in by_subject.values() for one in binding(group, now_ms)}
    return [one for one in accounts if one.allocation in bound and one.allocation.limit_micro is not None]
