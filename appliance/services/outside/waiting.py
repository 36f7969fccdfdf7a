"""Everything that waits for the network, in words: what, how many, since when, and what becomes of it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.federation import Membership, OutboxCount, SyncTimes
from appliance.domain.results import WaitingOutside
from appliance.federation.protocol import kinds
from appliance.outbound.switch import Switch

_MINUTE_MS: Final = 60_000
_REPORTS: Final = "usage reports"
_WORDS: Final[Mapping[str, str]] = {
    kinds.USAGE_BATCH: _REPORTS,
    kinds.HEAD_REQUEST: _REPORTS,
    kinds.CHECK_ANSWER: _REPORTS,
    kinds.DELETION: _REPORTS,
    kinds.LETTER: "letters",
    kinds.LEASE_REQUEST: "lease requests",
    kinds.LISTING: "shared models",
}
_OTHERS: Final = "messages"
_TOLD_APART: Final = frozenset({kinds.SYNC, kinds.RECEIVED, kinds.APPLICATION})
"""A sync is asked for anew each time, and applications wait for an answer too."""
_ONCE: Final = "by itself once the box is online"


class Rows(Protocol):
    """What waits to leave."""

    async def counts(self) -> Sequence[OutboxCount]:
        """Of what is not done."""
        ...


class Remembered(Protocol):
    """How syncs went."""

    async def times(self) -> SyncTimes:
        """Of syncs."""
        ...


Since = Callable[[], Sequence[int]]
"""Since when each of several things waits, in ms since 1970 UTC."""


class Waiting:
    """``every_h`` and ``catalogs_h`` are how often the box syncs and asks for catalogs; 0: by hand.
    ``catalogs`` says how many of them are on the network; it blocks.
    """

    def __init__(
        self,
        switch: Switch,
        rows: Rows,
        remembered: Remembered,
        *,
        membership: Callable[[], Membership | None],
        every_h: int,
        catalogs: Callable[[], int],
        catalogs_h: int,
        downloads: Since,
        alerts: Since,
        applications: Since,
        clock: Clock,
    ) -> None:
        self._switch = switch
        self._rows = rows
        self._remembered = remembered
        self._membership = membership
        self._every_h = every_h
        self._catalogs = catalogs
        self._catalogs_h = catalogs_h
        self._downloads = downloads
        self._alerts = alerts
        self._applications = applications
        self._clock = clock

    async def all(self) -> Sequence[WaitingOutside]:
        """At this moment. Raises ``StorageUnavailable``."""
        times, counts = await self._remembered.times(), await self._rows.counts()
        catalogs = await asyncio.to_thread(self._catalogs) if self._catalogs_h else 0
        return [*self._registry(times, counts), *self._others(catalogs)]

    def _registry(self, times: SyncTimes, counts: Sequence[OutboxCount]) -> Iterator[WaitingOutside]:
        if self._membership() is None:
            return
        says = self._sync_says(times)
        yield WaitingOutside(
            what="sync", count=1, oldest_ms=times.good_ms or None, next=f"The next one {says}."
        )
        by_word: dict[str, list[OutboxCount]] = defaultdict(list)
        for one in counts:
            if one.state == "waiting" and one.kind not in _TOLD_APART:
                by_word[_WORDS.get(one.kind, _OTHERS)].append(one)
        for word, ones in by_word.items():
            oldest_ms = min(one.oldest_ms for one in ones)
            sent = f"They leave with the next sync, which {says}."
            yield WaitingOutside(
                what=word, count=sum(one.count for one in ones), oldest_ms=oldest_ms, next=sent
            )
        yield from _since(
            "applications",
            self._applications(),
            f"They wait for the registry's word, which comes with a sync; the next {says}.",
        )

    def _others(self, catalogs: int) -> Iterator[WaitingOutside]:
        offline = self._switch.offline
        yield from _since("downloads", self._downloads(), f"Each goes on {_ONCE}.")
        if offline and catalogs:
            says = f"They are asked for once the box is online, and then every {self._catalogs_h} h."
            yield WaitingOutside(what="catalogs", count=catalogs, oldest_ms=None, next=says)
        says = "once the box is online" if offline else "as soon as whoever is told can be reached"
        yield from _since("alerts", self._alerts(), f"They are told {says}.")

    def _sync_says(self, times: SyncTimes) -> str:
        if not self._every_h:
            return "is yours: `carrel fed sync`, or a stick"
        if self._switch.offline:
            return f"comes {_ONCE}"
        left_min = max(times.next_ms - self._clock.now_ms(), 0) // _MINUTE_MS
        return f"is in {left_min} min" if left_min else "is due"


def _since(what: str, since_ms: Sequence[int], says: str) -> Iterator[WaitingOutside]:
    if since_ms:
        yield WaitingOutside(what=what, count=len(since_ms), oldest_ms=min(since_ms), next=says)
