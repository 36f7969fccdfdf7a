"""What the registry says it has of this box, and what follows: done, offered again, or a new epoch."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.reporting import DAY_MS, Chain, MadeBatch, Part, ReportMark
from appliance.errors import IntegrityFailed
from appliance.federation.protocol.kinds import USAGE_ACK, USAGE_BATCH
from appliance.federation.protocol.ordering import OwnBatch, OwnChain, Step, next_step
from appliance.federation.protocol.usage import UsageAck
from appliance.services.federation.ports import Identity, Item, Refusal
from appliance.services.federation.reporting.composing import ReportComposer
from appliance.services.federation.reporting.linking import Linking, signed_before, without_base
from appliance.services.federation.reporting.ports import Chains
from appliance.services.federation.reporting.telling import Telling


class Acknowledgements:
    """Takes ``usage-ack+jwt``; hears of batches that were refused."""

    def __init__(
        self,
        *,
        identity: Identity,
        chains: Chains,
        composer: ReportComposer,
        linking: Linking,
        telling: Telling,
        clock: Clock,
        log: Log,
    ) -> None:
        self._identity = identity
        self._chains = chains
        self._composer = composer
        self._linking = linking
        self._telling = telling
        self._clock = clock
        self._log = log

    @property
    def kinds(self) -> frozenset[str]:
        """Of statements, and of the messages whose refusals it hears of."""
        return frozenset({USAGE_ACK, USAGE_BATCH})

    async def take(self, item: Item) -> None:
        """Raises ``IntegrityFailed`` for one of another box, ``StorageUnavailable``, ``Conflict``."""
        ack = item.read(UsageAck)
        box = await asyncio.to_thread(lambda: self._identity.box_id)
        if ack.sub != box:
            raise IntegrityFailed("An acknowledgement is for another box.")
        async with self._composer.alone():
            await self._take(box, ack)

    async def refused(self, refusal: Refusal) -> bool:
        """Whether the batch waits no more: it has been replaced. Nothing is done on a refusal's word alone,
        since it is not signed; the registry is asked for what it has.
        """
        if not await self._chains.counts(refusal.id):
            return True
        step = next_step(OwnChain(1, ()), refusal.name)
        if step.do == "ask-head":
            await self._composer.ask_head()
        elif step.do == "stop":
            await self._telling.tell(ReportMark(self._clock.now_ms(), refusal.name, step.words))
        return False

    async def _take(self, box: str, ack: UsageAck) -> None:
        chain, batches = await self._chains.chain(box), await self._chains.batches(box)
        now_ms = self._clock.now_ms()
        step = judged(chain, batches, ack, now_ms // DAY_MS)
        mark = ReportMark(now_ms, step.do, step.words) if step.mark else None
        heard = replace(chain, acked_iat=max(chain.acked_iat, ack.iat), asked_ms=now_ms)
        if step.do in {"done", "send"}:
            reached = replace(heard, acked_epoch=step.epoch, acked_seq=step.seq)
            await self._chains.acknowledged(reached, mark, now_ms)
        elif step.do == "new-epoch":
            await self._begin(chain, batches, step, ack)
        else:
            self._log.info("usage_ack_not_followed", epoch=ack.epoch, seq=ack.seq, step=step.do)
        if mark is not None:
            await self._telling.tell(mark, kept=step.do != "stop")

    async def _begin(self, chain: Chain, batches: Sequence[MadeBatch], step: Step, ack: UsageAck) -> None:
        """All that the registry may not have goes again, under new numbers; a record that it has keeps its
        id, and so counts once.
        """
        now_ms = self._clock.now_ms()
        left = [one for one in batches if one.token and _is_open(one, ack)]
        again = await self._unknown(chain, left, ack)
        begun = chain.begun if chain.begun_day == now_ms // DAY_MS else 0
        new = replace(
            chain,
            epoch=step.epoch,
            prev=step.prev,
            acked_epoch=ack.epoch,
            acked_seq=ack.seq,
            acked_iat=ack.iat,
            asked_ms=now_ms,
            begun_day=now_ms // DAY_MS,
            begun=begun + 1,
        )
        dropped = [one for one in left if one not in again]
        made = await asyncio.to_thread(self._sign_again, new, again, dropped)
        mark = ReportMark(now_ms, step.do, step.words)
        await self._chains.begin(chain, new, made, left, mark)
        self._log.warning("usage_epoch", epoch=step.epoch, batches=len(made))

    async def _unknown(self, chain: Chain, left: Sequence[MadeBatch], ack: UsageAck) -> Sequence[MadeBatch]:
        """Without what the registry has from where this box's data came from.

        Where it has more than this box has told it, somebody went on from the same data: what was open then
        was in the first report that they sent. Here it was broken off, so the same requests look different.
        """
        ahead = (ack.epoch, ack.seq) > (chain.acked_epoch, chain.acked_seq)
        if ahead and left and await self._chains.broken_off(left[0].part):
            return [one for one in left if one.part != left[0].part]
        return left

    def _sign_again(
        self, chain: Chain, again: Sequence[MadeBatch], dropped: Sequence[MadeBatch]
    ) -> list[MadeBatch]:
        gone = frozenset(record.id for one in dropped for record in signed_before(one).records)
        drafts = [(Part(one.part, one.day), without_base(signed_before(one), gone)) for one in again]
        return self._linking.sign(chain, drafts)


def judged(chain: Chain, batches: Sequence[MadeBatch], ack: UsageAck, today: int) -> Step:
    """What an acknowledgement asks for. Pure."""
    reached = (chain.acked_epoch, chain.acked_seq)
    if ack.iat < chain.acked_iat or (ack.iat == chain.acked_iat and (ack.epoch, ack.seq) < reached):
        return Step("ignore")
    went_back = (ack.epoch, ack.seq) < reached
    if ack.head and ack.epoch < chain.epoch:
        # The head that an epoch of this box has followed from its first batch on.
        place = next((at for at, one in enumerate(batches) if one.seq == 1 and one.prev == ack.head), None)
        if place is not None:
            words = "The registry has gone back to an older state; what it has lost is offered again."
            return Step("send", ack.epoch, ack.seq, place, words=words if went_back else "", mark=went_back)
        if chain.prev == ack.head and all(one.epoch < chain.epoch for one in batches):
            return Step("done", ack.epoch, ack.seq)
    own = [OwnBatch(one.epoch, one.seq, one.prev, one.digest) for one in batches]
    begun = chain.begun if chain.begun_day == today else 0
    known = reached if chain.acked_iat else None
    return next_step(OwnChain(chain.epoch, own, known, chain.acked_iat, begun), ack)


def _is_open(batch: MadeBatch, ack: UsageAck) -> bool:
    return batch.acked_ms is None or (batch.epoch, batch.seq) > (ack.epoch, ack.seq)
