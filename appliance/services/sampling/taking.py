"""Writes samples down, one after another, and finds those that a crash has left out."""

import asyncio
import secrets
from dataclasses import replace
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.samples import Taken
from appliance.errors import CarrelError
from appliance.policy.sampling.choosing import DAY_MS, begin_of, day_of
from appliance.policy.sampling.comparing import Comparison
from appliance.services.sampling.book import RuleBook
from appliance.services.sampling.ports import Samples
from appliance.services.sampling.reading_keys import ReadingKeys
from appliance.services.sampling.watching import Seen

MOST_WAITING: Final = 1000
"""Samples that are not on the disk yet. Beyond it only the content is lost: the rest is in the ledger."""


class Purposes(Protocol):
    """What people said that they do."""

    def purpose(self, project_id: str, model: str) -> str:
        """As it stands now; empty where nothing was said."""
        ...


class SampleTaker:
    """``days`` is how long sealed content is kept."""

    def __init__(
        self,
        *,
        book: RuleBook,
        keys: ReadingKeys,
        samples: Samples,
        purposes: Purposes,
        clock: Clock,
        log: Log,
        days: int,
    ) -> None:
        self._book = book
        self._keys = keys
        self._samples = samples
        self._purposes = purposes
        self._clock = clock
        self._log = log
        self._days = days
        self._waiting: asyncio.Queue[Taken] = asyncio.Queue(MOST_WAITING)

    def take(self, seen: Seen) -> None:
        """Seal it now, write it soon."""
        line = seen.line
        sealed = () if seen.content is None else self._keys.seal(seen.content)
        plain = self._taken(line.request_id, line.model, line.started_ms, seen.caller.project_id)
        taken = replace(
            plain,
            kind=seen.kind,
            consents=seen.content is not None,
            sealed=sealed,
            sealed_until_ms=plain.taken_ms + self._days * DAY_MS,
        )
        try:
            self._waiting.put_nowait(taken)
        except asyncio.QueueFull:
            self._log.warning("sample_left_out", request_id=line.request_id)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._write(await self._waiting.get())

    async def flush(self) -> None:
        """Write what waits."""
        while not self._waiting.empty():
            await self._write(self._waiting.get_nowait())

    async def catch_up(self) -> int:
        """Take what the rule says of yesterday and today and nobody has written down. Returns how many."""
        now_ms, found = self._clock.now_ms(), 0
        for day in (day_of(now_ms - DAY_MS), day_of(now_ms)):
            compared = await compare_day(self._book, self._samples, day)
            for request_id in compared.missing if compared else ():
                found += await self._take_late(request_id)
        return found

    async def _take_late(self, request_id: str) -> bool:
        row = await self._samples.line(request_id)
        if row is None:
            return False
        line, project = row
        return await self._samples.take(self._taken(request_id, line.model, line.started_ms, project))

    async def _write(self, one: Taken) -> None:
        try:
            await self._book.flush()
            await self._samples.take(one)
        except CarrelError as error:
            self._log.warning("sample_not_written", request_id=one.request_id, error=error.code)

    def _taken(self, request_id: str, model: str, started_ms: int, project: str) -> Taken:
        return Taken(
            id=f"smp_{secrets.token_hex(6)}",
            request_id=request_id,
            tier=self._book.rules.tier_of(model, started_ms),
            kind="",
            purpose=self._purposes.purpose(project, model),
            consents=False,
            taken_ms=self._clock.now_ms(),
        )


async def compare_day(book: RuleBook, samples: Samples, day: str) -> Comparison | None:
    """What was taken of a day against what the rule says; None for a day without a seed. Raises
    ``ValueError`` for what is no day.
    """
    begin_ms = begin_of(day)
    seed = book.known_seed(day)
    if seed is None:
        return None
    taken = await samples.taken(begin_ms, begin_ms + DAY_MS)
    compared = Comparison(seed.seed, book.rules, taken)
    lines, after = await samples.ledger(begin_ms, begin_ms + DAY_MS)
    while True:
        await asyncio.to_thread(compared.look, lines)
        if after is None:
            return compared
        lines, after = await samples.ledger(begin_ms, begin_ms + DAY_MS, after)
