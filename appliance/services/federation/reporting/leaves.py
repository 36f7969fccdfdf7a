"""The tree of a part's requests: which rows are in it, salted, and how some of them are shown."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.reporting import LeafRow, Part, Ran
from appliance.federation.protocol.bounds import MOST
from appliance.federation.protocol.leaves import entry_hash, salt_of
from appliance.federation.protocol.merkle import proof_of, root_of
from appliance.federation.protocol.messages import Leaf
from appliance.federation.protocol.pseudonyms import OTHER, pseudonym
from appliance.services.federation.reporting.ports import Tallies
from appliance.services.federation.reporting.records import day_of, gflop_of

_PAGE: Final = 2000
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Shown:
    """Which groups a part's records name, with which things; all else is in ``other``."""

    groups: frozenset[tuple[str, Ran]]


@dataclass(frozen=True, slots=True)
class Tree:
    """Hashes of all its leaves, in order."""

    hashes: tuple[str, ...]

    @property
    def root(self) -> str:
        """Empty where nothing is in it."""
        return root_of(self.hashes) if self.hashes else ""

    def proof(self, index: int) -> tuple[str, ...]:
        """Raises ``IndexError``."""
        return proof_of(self.hashes, index)


class Trees:
    """Builds them, some rows at a time."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies

    async def build(
        self, part: Part, shown: Shown, secret: bytes, wanted: Sequence[int] = ()
    ) -> tuple[Tree, tuple[Leaf, ...]]:
        """The tree, and the leaves at ``wanted`` without their proofs; those that are not there are left
        out.
        """
        hashes: list[str] = []
        kept: dict[int, Leaf] = {}
        after, asked = 0, frozenset(wanted)
        while rows := await self._tallies.leaves(part.number, after=after, limit=_PAGE):
            first, after = len(hashes), rows[-1].seq
            leaves = await asyncio.to_thread(_leaves, rows, part, shown, secret, first)
            hashes.extend(await asyncio.to_thread(_hashes, leaves))
            kept |= {one.index: one for one in leaves if one.index in asked}
        return Tree(tuple(hashes)), tuple(kept[index] for index in wanted if index in kept)


def _leaves(rows: Sequence[LeafRow], part: Part, shown: Shown, secret: bytes, first: int) -> tuple[Leaf, ...]:
    day = day_of(part.day)
    names = {project: pseudonym(secret, project, day) for project in {row.project_id for row in rows}}
    return tuple(
        Leaf(
            index=index,
            salt=salt_of(secret, row.request_id),
            day=day.isoformat(),
            hour=row.ended_ms // _HOUR_MS % 24,
            group=names[row.project_id] if (names[row.project_id], row.ran) in shown.groups else OTHER,
            model=row.ran.model,
            outcome=row.outcome,
            input_tokens=min(row.input_tokens, MOST),
            output_tokens=min(row.output_tokens, MOST),
            gflop=min(gflop_of(row.gflop, row.ran.method), MOST),
        )
        for index, row in enumerate(rows, first)
    )


def _hashes(leaves: Sequence[Leaf]) -> list[str]:
    return [entry_hash(leaf) for leaf in leaves]
