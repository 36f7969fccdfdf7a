"""Makes batches of whatever days are over and puts them into the outbox: once, whatever happens between."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.reporting import DAY_MS, Part
from appliance.errors import Conflict
from appliance.federation.protocol.kinds import HEAD_REQUEST
from appliance.federation.protocol.messages import HeadRequest
from appliance.services.federation.ports import Identity, Outbox, Outgoing
from appliance.services.federation.reporting.making import Made, Making
from appliance.services.federation.reporting.ports import Chains, Tallies
from appliance.services.federation.reporting.refusals import RefusalCounts

ASK_EVERY_MS: Final = DAY_MS


class ReportComposer:
    """``reporting`` says whether the box reports."""

    def __init__(
        self,
        *,
        identity: Identity,
        tallies: Tallies,
        chains: Chains,
        making: Making,
        outbox: Outbox,
        refusals: RefusalCounts,
        reporting: Callable[[], Awaitable[bool]],
        clock: Clock,
        log: Log,
    ) -> None:
        self._identity = identity
        self._tallies = tallies
        self._chains = chains
        self._making = making
        self._outbox = outbox
        self._refusals = refusals
        self._reporting = reporting
        self._clock = clock
        self._log = log
        self._lock = asyncio.Lock()

    async def compose(self) -> None:
        """Days that are over. Raises ``StorageUnavailable``."""
        await self._compose(early=False)

    async def compose_today(self) -> None:
        """The present day too, as far as it is: what comes of it later is another part."""
        await self._compose(early=True)

    async def so_far(self) -> Sequence[Made]:
        """What would be reported of the present day; nothing is changed. Raises ``StorageUnavailable``."""
        return await self._made_of([self._today])

    async def unreported(self) -> Sequence[Made]:
        """The same of every day with use that is in no report yet."""
        return await self._made_of(await self._tallies.open_days())

    async def ask_head(self) -> None:
        """Have the registry say what it has; asked once, however often that is wanted. Raises
        ``StorageUnavailable``.
        """
        async with self._lock:
            await self._ask_head(await self._box())

    def alone(self) -> asyncio.Lock:
        """Scope in which no batch is made."""
        return self._lock

    @property
    def _today(self) -> int:
        return self._clock.now_ms() // DAY_MS

    async def _box(self) -> str:
        return await asyncio.to_thread(lambda: self._identity.box_id)

    async def _made_of(self, days: Sequence[int]) -> Sequence[Made]:
        await self._refusals.flush()
        chain = await self._chains.chain(await self._box())
        parts = [part for day in days for part in await self._tallies.of_day(day)]
        return [one for part in parts if (one := await self._making.make(chain, part)) is not None]

    async def _compose(self, *, early: bool) -> None:
        if not await self._reporting():
            return
        async with self._lock:
            box = await self._box()
            await self._refusals.flush()
            await self._tallies.close(self._today, early=early)
            for part in await self._tallies.due():
                await self._report(box, part)
            chain = await self._chains.chain(box)
            if self._clock.now_ms() - chain.asked_ms >= ASK_EVERY_MS:
                await self._ask_head(box)

    async def _report(self, box: str, part: Part) -> None:
        chain = await self._chains.chain(box)
        made = await self._making.make(chain, part)
        if made is None:
            await self._chains.skip(part.number, self._clock.now_ms())
            return
        try:
            await self._chains.add(chain, made.batches, made.records)
        except Conflict:
            # Somebody else's commit came between, which nothing here can do; the next time it is made anew.
            self._log.warning("usage_report_again", day=part.day)

    async def _ask_head(self, box: str) -> None:
        if await self._outbox.waiting(HEAD_REQUEST):
            return
        now_ms = self._clock.now_ms()
        jti = f"msg_{secrets.token_hex(6)}"
        asked = HeadRequest(box=box, jti=jti, iat=now_ms // 1000)
        token = await asyncio.to_thread(self._identity.sign, HEAD_REQUEST, asked)
        await self._outbox.put(Outgoing(jti, HEAD_REQUEST, token, now_ms, "what does the registry have?"))
        chain = await self._chains.chain(box)
        await self._chains.put_chain(replace(chain, asked_ms=now_ms))
