"""Reads the whole audit log again and says whether it is what was written."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from appliance.domain.audit import AuditHead, AuditOutcome, AuditRow
from appliance.policy.audit_chain import Chain, Fault
from appliance.services.audit.ports import HeadFile, Rows

PAGE: Final = 500
_ALL: Final = 2**62


class Verifier:
    """``box`` is the thumbprint of the box's key."""

    def __init__(self, rows: Rows, heads: HeadFile, box: str) -> None:
        self._rows = rows
        self._heads = heads
        self._box = box

    async def verify(self, exported: Sequence[AuditHead] = ()) -> tuple[AuditHead, Fault | None]:
        """How far the log goes, and the first row that is not as it was written.

        ``exported`` are heads that somebody kept. Raises ``StorageUnavailable``, ``IntegrityFailed`` where
        the database itself cannot be read.
        """
        # Before the rows: what is added meanwhile is ahead of it.
        current = await asyncio.to_thread(self._heads.current)
        lost = await asyncio.to_thread(self._heads.lost)
        chain = Chain(self._box, [*exported, *([] if current is None else [current])])
        fault = await self._walk(chain)
        if fault is None and current is None:
            fault = Fault(chain.reached.seq, "the file audit-head, which vouches for it, cannot be read")
        return chain.reached.head(self._box), _first(fault, lost)

    async def _walk(self, chain: Chain) -> Fault | None:
        while rows := await self._rows.rows_after(chain.reached.seq, PAGE):
            noted = await self._outcomes(chain.reached.outcomes, max(one.outcomes for one in rows))
            fault = await asyncio.to_thread(_take_all, chain, rows, noted)
            if fault is not None:
                return fault
        return chain.end(await self._outcomes(chain.reached.outcomes, _ALL))

    async def _outcomes(self, after: int, last: int) -> Sequence[AuditOutcome]:
        # No more than there are rows: each has one at most.
        return await self._rows.outcomes_after(after, last, 2 * PAGE)


def _take_all(chain: Chain, rows: Sequence[AuditRow], noted: Sequence[AuditOutcome]) -> Fault | None:
    waiting = deque(noted)
    for row in rows:
        new = []
        while waiting and waiting[0].number <= row.outcomes:
            new.append(waiting.popleft())
        fault = chain.take(row, new)
        if fault is not None:
            return fault
    return None


def _first(fault: Fault | None, lost: Mapping[int, AuditHead]) -> Fault | None:
    cuts = [Fault(last + 1, f"rows to {head.seq} were there and are not") for last, head in lost.items()]
    faults = sorted([*cuts, *([] if fault is None else [fault])], key=lambda one: one.seq)
    return faults[0] if faults else None
