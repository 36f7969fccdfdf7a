"""Shows what leaves before it leaves: the very bytes."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from appliance.domain.federation import OutboxRow
from appliance.domain.results.usage_reports import FedPreview, FedPreviewed
from appliance.federation.protocol.kinds import USAGE_BATCH
from appliance.services.federation.reporting.composing import ReportComposer
from appliance.trust.signed import signer_of, unfold

_PAGE: Final = 16
_MOST_BYTES: Final = 4 * 2**20
"""Of one preview."""


class Waiting(Protocol):
    """Where messages wait."""

    async def waiting(self, *, after: int = 0, limit: int = 16) -> Sequence[OutboxRow]:
        """The next ones behind the row ``after``, in order."""
        ...


class Previews:
    """``compose`` has every part say what it has to."""

    def __init__(
        self, rows: Waiting, composer: ReportComposer, compose: Callable[[], Awaitable[object]]
    ) -> None:
        self._rows = rows
        self._composer = composer
        self._compose = compose

    async def preview(self, *, today: bool) -> FedPreview:
        """What waits; with ``today`` what a report of the present day would be as well. Raises
        ``StorageUnavailable``.
        """
        await self._compose()
        shown: list[FedPreviewed] = []
        after = size = left_out = 0
        while rows := await self._rows.waiting(after=after, limit=_PAGE):
            for row in rows:
                after, size = row.seq, size + len(row.token)
                if size > _MOST_BYTES and shown:
                    left_out += 1
                else:
                    shown.append(await asyncio.to_thread(_shown, row))
        if today:
            shown += await self._today()
        return FedPreview(messages=tuple(shown), left_out=left_out)

    async def _today(self) -> list[FedPreviewed]:
        batches = [batch for made in await self._composer.so_far() for batch in made.batches]
        rows = [
            OutboxRow(0, one.jti, USAGE_BATCH, one.token, "today so far", one.made_ms, "waiting", 0, "", 0)
            for one in batches
        ]
        return [await asyncio.to_thread(_shown, row, waits=False) for row in rows]


def _shown(row: OutboxRow, *, waits: bool = True) -> FedPreviewed:
    payload = unfold(row.token, row.kind, signer_of(row.token))
    return FedPreviewed(
        id=row.id,
        kind=row.kind,
        summary=row.summary,
        size_bytes=len(row.token),
        sha256=hashlib.sha256(row.token.encode()).hexdigest(),
        payload=payload.decode(),
        waits=waits,
    )
