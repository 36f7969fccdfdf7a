"""Answers ``inbox``: asks every gatherer at once, and puts what they found in order."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.inbox import MOST_ROWS, REVIEWED, Kind, Urgency
from appliance.domain.results import Inbox, InboxRow, Result
from appliance.errors import CarrelError
from appliance.services.inbox.rows import row

Found = Callable[[], Awaitable[Iterable[InboxRow]]]
"""What one part of the box has to say now. Each screen asks each second, so it is quick: from memory, or by
an index.
"""
_ORDER: Final = {one.value: number for number, one in enumerate(Urgency)}
_LAST_MS: Final = 2**62


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Who finds rows of one ``kind``, and of those in ``also``."""

    kind: Kind
    found: Found
    also: tuple[Kind, ...] = ()


class InboxService:
    """Kinds that are for reviewers are not even gathered for others, so that nothing of them is told: no
    row, no count, no error.
    """

    def __init__(self, gatherers: Sequence[Gatherer]) -> None:
        self._gatherers: Final = tuple(gatherers)

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"inbox": self.inbox}

    async def inbox(self, *, actor: Actor) -> Inbox:
        """``inbox``."""
        asked = [one for one in self._gatherers if _may_see(one, actor)]
        found = [one for rows in await asyncio.gather(*map(_gathered, asked)) for one in rows]
        return Inbox(
            rows=tuple(heapq.nsmallest(MOST_ROWS, found, key=_order)), left_out=max(0, len(found) - MOST_ROWS)
        )


def _may_see(one: Gatherer, actor: Actor) -> bool:
    return actor.permission is not Permission.READ or not {one.kind, *one.also} & REVIEWED


async def _gathered(one: Gatherer) -> Sequence[InboxRow]:
    try:
        return tuple(await one.found())
    except CarrelError as error:
        # One that cannot be asked must not hide what the others say.
        says = f"Nobody can tell what waits here ({one.kind}): {error.message}"
        return (row(Kind.ALARM, f"inbox/{one.kind}", says, urgency=Urgency.NOW, action="status"),)


def _order(one: InboxRow) -> tuple[int, int, str, str]:
    return _ORDER[one.urgency], _LAST_MS if one.since_ms is None else one.since_ms, one.kind, one.id
