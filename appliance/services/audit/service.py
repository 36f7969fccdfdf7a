"""Answers ``audit list``, ``verify``, ``head`` and ``export``."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from appliance.domain.audit import AuditedAct, AuditHead
from appliance.domain.days import first_ms
from appliance.domain.results import (
    AuditExport,
    AuditHeadShown,
    AuditLine,
    AuditList,
    AuditVerification,
    Result,
)
from appliance.errors import BadRequest
from appliance.services.audit.exporting import Exporter
from appliance.services.audit.log import AuditLog
from appliance.services.audit.ports import Rows
from appliance.services.audit.verifying import Verifier
from appliance.trust.box_key import BoxKey
from appliance.trust.signed import verify

KIND: Final = "audit-head+jws"
MOST_HEADS: Final = 200
UNKNOWN: Final = "unknown"
_TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class AuditService:
    """``key`` signs heads, and is whose heads are believed."""

    def __init__(self, log: AuditLog, rows: Rows, verifier: Verifier, key: BoxKey) -> None:
        self._log = log
        self._rows = rows
        self._verifier = verifier
        self._key = key
        self._exporter = Exporter(rows)

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "audit.list": self.show_all,
            "audit.verify": self.verify,
            "audit.head": self.head,
            "audit.export": self.export,
        }

    async def show_all(
        self,
        *,
        action: str | None = None,
        who: str | None = None,
        since: str | None = None,
        limit: int = 50,
    ) -> AuditList:
        """Newest first. Raises ``BadRequest``."""
        since_ms = 0 if since is None else first_ms(since, "since")
        found = await self._rows.newest(action=action, actor=who, since_ms=since_ms, limit=limit + 1)
        return AuditList(acts=tuple(_line(one) for one in found[:limit]), more=len(found) > limit)

    async def verify(self, *, head: str | None = None) -> AuditVerification:
        """From the first row to the last. Raises ``BadRequest``, and ``IntegrityFailed`` for a head that this
        box has not signed.
        """
        kept = self._kept(head or "")
        reached, fault = await self._verifier.verify(kept)
        return AuditVerification(
            ok=fault is None,
            rows=reached.seq + 1,
            outcomes=reached.outcomes,
            first_bad=None if fault is None else fault.seq,
            reason="" if fault is None else fault.reason,
            compared_with=len(kept),
        )

    async def head(self) -> AuditHeadShown:
        """As it is now."""
        head = await self._log.head()
        return AuditHeadShown(
            box=head.box,
            seq=head.seq,
            hash=head.hash,
            outcomes=head.outcomes,
            outcomes_hash=head.outcomes_hash,
            signed=self._key.sign(KIND, head),
        )

    async def export(
        self, *, after: int | None = None, limit: int = 10_000, csv: bool = False
    ) -> AuditExport:
        """A part of it."""
        first = -1 if after is None else after
        return await (self._exporter.table(first, limit) if csv else self._exporter.chain(first, limit))

    def _kept(self, text: str) -> Sequence[AuditHead]:
        tokens = _TOKEN.findall(text)
        if text and not 0 < len(tokens) <= MOST_HEADS:
            raise BadRequest(
                f"That file has no head, or more than {MOST_HEADS}: keep what `carrel audit head` prints.",
                param="head",
            )
        return [verify(one, KIND, self._key.public, AuditHead) for one in tokens]


def _line(one: AuditedAct) -> AuditLine:
    row = one.row
    return AuditLine(
        seq=row.seq,
        at_ms=row.at_ms,
        actor=row.actor,
        permission=row.permission,
        origin=row.origin,
        action=row.action,
        arguments=row.arguments,
        outcome=one.outcome or UNKNOWN,
    )
