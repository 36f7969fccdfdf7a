"""Spot checks of the registry: rows of a batch that it names, with their proofs, if an operator agrees.

The tree is built anew from the ledger. Only if its root is the one that was signed with the batch, what is
shown proves that the sums were made of these rows.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.reporting import MadeBatch, Part, Ran, SpotRequest
from appliance.errors import BadRequest, IntegrityFailed, NotFound
from appliance.federation.protocol.kinds import CHECK, CHECK_ANSWER
from appliance.federation.protocol.messages import CheckAnswer, Leaf
from appliance.federation.protocol.pseudonyms import OTHER
from appliance.federation.protocol.statements import Check
from appliance.federation.protocol.usage import UsageRecord
from appliance.services.federation.ports import Identity, Item
from appliance.services.federation.reporting.leaves import Shown, Trees
from appliance.services.federation.reporting.ports import Chains, Checks, Tallies
from appliance.services.federation.reporting.telling import Telling

_UNKNOWN: Final = "This box has made no such report."
_CHANGED: Final = (
    "The rows of that day are not all here any more: they were summed up, as they are after their time."
)


class SpotRequests:
    """Takes ``check+jwt``; answers what an operator decides."""

    def __init__(
        self,
        *,
        identity: Identity,
        checks: Checks,
        chains: Chains,
        tallies: Tallies,
        telling: Telling,
        secret: Callable[[], bytes],
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._checks = checks
        self._chains = chains
        self._trees = Trees(tallies)
        self._telling = telling
        self._secret = secret
        self._clock = clock

    @property
    def kinds(self) -> frozenset[str]:
        """Of statements."""
        return frozenset({CHECK})

    async def take(self, item: Item) -> None:
        """Raises ``IntegrityFailed`` for one of another box, ``StorageUnavailable``."""
        said = item.read(Check)
        if said.sub != await asyncio.to_thread(lambda: self._identity.box_id):
            raise IntegrityFailed("A request to be shown something is for another box.")
        now_ms = self._clock.now_ms()
        check = SpotRequest(said.jti, said.epoch, said.seq, said.leaves, said.reason, now_ms)
        if await self._checks.add(check):
            self._telling.ask(check.id)

    async def decide(self, id: str, *, approve: bool, reason: str) -> SpotRequest:
        """Show what is asked for, or say why not. Raises ``NotFound``, ``BadRequest`` without a reason,
        ``Conflict`` where it was decided.
        """
        check = await self._checks.find(id)
        if check is None:
            raise NotFound(f"The registry has asked for nothing named {id}; see `carrel fed checks`.")
        if not approve and not reason:
            raise BadRequest("Say why: the registry is told the reason.", param="refuse")
        leaves, why = await self._leaves(check) if approve else ((), reason)
        decided = replace(
            check, state="refused" if why else "shown", why=why, decided_ms=self._clock.now_ms()
        )
        await self._answer(decided, leaves)
        return decided

    async def _answer(self, check: SpotRequest, leaves: tuple[Leaf, ...]) -> None:
        box = await asyncio.to_thread(lambda: self._identity.box_id)
        answer = CheckAnswer(
            box=box,
            jti=f"msg_{secrets.token_hex(6)}",
            iat=self._clock.now_ms() // 1000,
            check=check.id,
            epoch=check.epoch,
            seq=check.seq,
            leaves=leaves,
            refused=check.why,
        )
        token = await asyncio.to_thread(self._identity.sign, CHECK_ANSWER, answer)
        await self._checks.decide(check, token, answer.jti)

    async def _leaves(self, check: SpotRequest) -> tuple[tuple[Leaf, ...], str]:
        """What is shown, or why nothing is."""
        box = await asyncio.to_thread(lambda: self._identity.box_id)
        batch = await self._chains.find(box, check.epoch, check.seq)
        if batch is None or not batch.leaves:
            return (), _UNKNOWN
        secret = await asyncio.to_thread(self._secret)
        part = Part(batch.part, batch.day)
        tree, leaves = await self._trees.build(part, await self._shown(batch), secret, check.leaves)
        if (tree.root, len(tree.hashes)) != (batch.merkle_root, batch.leaves):
            return (), _CHANGED
        if len(leaves) != len(check.leaves):
            return (), f"That report is of {batch.leaves} rows, counted from 0."
        proven = [msgspec.structs.replace(one, proof=tree.proof(one.index)) for one in leaves]
        return tuple(proven), ""

    async def _shown(self, batch: MadeBatch) -> Shown:
        """Which groups the batch's records have named, so that a row names no other."""
        made = await self._chains.records_of(batch.part)
        records = [msgspec.json.decode(one.record, type=UsageRecord) for one in made]
        return Shown(frozenset((one.group, _ran(one)) for one in records if one.group != OTHER))


def _ran(record: UsageRecord) -> Ran:
    return Ran(
        record.model, record.revision, record.file_sha256, record.backend, record.op, record.flop_method
    )
