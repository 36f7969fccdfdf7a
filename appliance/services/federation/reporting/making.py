"""One part of a day as signed links of the chain."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from appliance.domain.reporting import Chain, MadeBatch, MadeRecord, Part
from appliance.federation.protocol.limits import LEAST_USERS
from appliance.federation.protocol.pseudonyms import OTHER, pseudonym
from appliance.federation.protocol.usage import UsageBatch
from appliance.policy.reporting.cells import Cell, cells_of
from appliance.policy.reporting.suppressing import suppressed
from appliance.services.federation.reporting.leaves import Shown, Trees
from appliance.services.federation.reporting.linking import Linking, unlinked
from appliance.services.federation.reporting.ports import Around, Chains, Tallies
from appliance.services.federation.reporting.records import day_of, divided, written


@dataclass(frozen=True, slots=True)
class Made:
    """Batches of one part, and their records as they are kept."""

    batches: tuple[MadeBatch, ...]
    records: tuple[MadeRecord, ...]


class Making:
    """Reads, adds up, folds, signs. Stores nothing."""

    def __init__(
        self,
        *,
        tallies: Tallies,
        chains: Chains,
        around: Around,
        linking: Linking,
        secret: Callable[[], bytes],
        software: str,
    ) -> None:
        self._tallies = tallies
        self._chains = chains
        self._around = around
        self._linking = linking
        self._secret = secret
        self._software = software
        self._trees = Trees(tallies)

    async def make(self, chain: Chain, part: Part) -> Made | None:
        """The batches of a part, as they follow ``chain``; None where nothing is in it. Raises
        ``StorageUnavailable``, ``ConfigInvalid``, ``IntegrityFailed``.
        """
        secret = await asyncio.to_thread(self._secret)
        cells = await self._cells(part, secret)
        if not cells:
            return None
        first = await self._chains.first_of_day(part.day)
        records = written(cells, part, box=chain.box, epoch=chain.epoch, first=first)
        tree, _ = await self._trees.build(part, shown(cells), secret)
        drafts = [
            unlinked(day_of(part.day), tuple(one.record for one in chunk), self._software)
            for chunk in divided(records)
        ]
        # The tree of all requests of the part goes with its first batch.
        drafts[0] = msgspec.structs.replace(drafts[0], merkle_root=tree.root, leaves=len(tree.hashes))
        told = [await self._told_beside(draft) for draft in drafts]
        batches = await asyncio.to_thread(self._linking.sign, chain, [(part, draft) for draft in told])
        return Made(tuple(batches), tuple(one.made(part) for one in records))

    async def _cells(self, part: Part, secret: bytes) -> Sequence[Cell]:
        rows = await self._tallies.rows(part.number)
        day = day_of(part.day)
        names = {project: pseudonym(secret, project, day) for project in {row.project_id for row in rows}}
        cells = cells_of(
            rows,
            group_of=names.__getitem__,
            purpose_of=self._around.purpose,
            lease_of=self._around.lease,
        )
        return suppressed(cells, least=LEAST_USERS, other=OTHER)

    async def _told_beside(self, draft: UsageBatch) -> UsageBatch:
        head, catalog = await self._around.audit(), await self._around.catalog()
        return msgspec.structs.replace(draft, catalog=catalog, audit_rows=head.seq + 1, audit_head=head.hash)


def shown(cells: Sequence[Cell]) -> Shown:
    """Which groups are named."""
    return Shown(frozenset((cell.group, cell.ran) for cell in cells))
