"""The verbs of batches, and the work on all of them."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from appliance.domain.batches import Batch
from appliance.domain.files import PURPOSE_BATCH
from appliance.domain.people import Caller
from appliance.errors import BadRequest, TryAgain
from appliance.services.batches import life
from appliance.services.batches.ports import WorkingKeys
from appliance.services.batches.stopping import Reason
from appliance.services.batches.tools import Tools
from appliance.services.batches.working import BatchWork

WINDOW: Final = "24h"
WINDOW_MS: Final = 86_400_000
MOST_OF_ONE: Final = 32
"""Batches of one person that are not over."""
LAST_LINES_MS: Final = 600_000
"""How long lines that are computed may still take after their batch was cancelled or has expired."""


class BatchService:
    """All methods run on the event loop."""

    def __init__(self, tools: Tools, keys: WorkingKeys) -> None:
        self._tools = tools
        self._keys = keys
        self._works: dict[str, BatchWork] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._creating: Counter[str] = Counter()

    @property
    def endpoints(self) -> Collection[str]:
        """What a batch can ask."""
        return self._tools.endpoints.paths

    def in_use(self) -> frozenset[str]:
        """The input files that are still read."""
        return frozenset(self._creating) | {one.batch.input_file_id for one in self._works.values()}

    async def create(
        self,
        caller: Caller,
        *,
        input_file_id: str,
        endpoint: str,
        completion_window: str,
        metadata: Mapping[str, str],
    ) -> Batch:
        """Take a batch on. Raises ``BadRequest``, ``NotFound``, ``TryAgain``, ``StorageUnavailable``."""
        self._check(caller, endpoint, completion_window)
        self._creating[input_file_id] += 1
        try:
            file = await self._tools.files.get(caller.owner, input_file_id)
            if file.purpose != PURPOSE_BATCH:
                raise BadRequest(
                    f'The file was not sent with the purpose "{PURPOSE_BATCH}".', param="input_file_id"
                )
            now_ms = self._tools.clock.now_ms()
            batch = Batch(
                id=f"batch_{secrets.token_hex(12)}",
                caller=caller,
                endpoint=endpoint,
                input_file_id=input_file_id,
                completion_window=completion_window,
                created_ms=now_ms,
                expires_ms=now_ms + WINDOW_MS,
                metadata=tuple(metadata.items()),
            )
            await self._tools.batches.add(batch)
            self._work_on(batch)
        finally:
            self._creating -= Counter([input_file_id])
        return batch

    async def get(self, caller: Caller, batch_id: str) -> Batch:
        """One of the caller's batches. Raises ``NotFound``."""
        return await self._tools.batches.get(caller.owner, batch_id)

    async def page(self, caller: Caller, *, after: str | None, limit: int) -> Sequence[Batch]:
        """The caller's batches, newest first. Raises ``NotFound`` for an unknown ``after``."""
        return await self._tools.batches.page(caller.owner, after=after, limit=limit)

    async def cancel(self, caller: Caller, batch_id: str) -> Batch:
        """Begin no more lines of it. Raises ``NotFound``; ``Conflict`` for one that is over."""
        await self._tools.batches.get(caller.owner, batch_id)
        return await self.cancel_any(batch_id)

    async def cancel_any(self, batch_id: str) -> Batch:
        """The same, whoever's it is."""
        now_ms = self._tools.clock.now_ms()
        batch = await self._tools.batches.change(
            batch_id, lambda batch: life.cancelling(batch, now_ms=now_ms)
        )
        if (work := self._works.get(batch_id)) is not None:
            work.stop(Reason.CANCELLED, now_ms)
        return batch

    async def pause(self, batch_id: str) -> Batch:
        """Begin no more lines of it, whoever's it is, until ``resume``; the next start of the box knows.
        Raises ``NotFound``; ``Conflict`` for one that does not work.
        """
        now_ms = self._tools.clock.now_ms()
        batch = await self._tools.batches.change(batch_id, lambda batch: life.paused(batch, now_ms=now_ms))
        if (work := self._works.get(batch_id)) is not None:
            work.pause(batch)
        return batch

    async def resume(self, batch_id: str) -> Batch:
        """Go on with one that was paused. Raises ``NotFound``; ``Conflict`` for one that does not work."""
        now_ms = self._tools.clock.now_ms()
        batch = await self._tools.batches.change(batch_id, lambda batch: life.resumed(batch, now_ms=now_ms))
        if (work := self._works.get(batch_id)) is not None:
            work.resume(batch)
        return batch

    async def start(self) -> int:
        """Go on with what the last process left. Returns how many batches there are."""
        for batch in await self._tools.batches.unfinished():
            self._work_on(batch)
        self.tick()
        return len(self._works)

    def tick(self) -> None:
        """Look at the time and at the keys. Call it every few seconds."""
        now_ms = self._tools.clock.now_ms()
        for work in self._works.values():
            if now_ms >= work.batch.expires_ms and work.batch.paused_ms is None:
                work.stop(Reason.EXPIRED, now_ms)
            if not self._keys.works(work.batch.caller.key_id):
                work.stop(Reason.KEY_ENDED, now_ms)
            if work.stopped_ms is not None and now_ms - work.stopped_ms >= LAST_LINES_MS:
                work.end_runs()

    def end_of_key(self, key_id: str) -> None:
        """A key was revoked: its batches end."""
        for work in self._works.values():
            if work.batch.caller.key_id == key_id:
                work.stop(Reason.KEY_ENDED, self._tools.clock.now_ms())

    async def close(self) -> None:
        """Put everything down where it is; the next start goes on from there."""
        for work in self._works.values():
            work.stop(Reason.BOX_STOPS, self._tools.clock.now_ms())
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _check(self, caller: Caller, endpoint: str, completion_window: str) -> None:
        if endpoint not in self.endpoints:
            raise BadRequest(f"`endpoint` must be one of {', '.join(self.endpoints)}.", param="endpoint")
        if completion_window != WINDOW:
            raise BadRequest(f'`completion_window` must be "{WINDOW}".', param="completion_window")
        mine = sum(one.batch.caller.holder == caller.holder for one in self._works.values())
        if mine >= MOST_OF_ONE:
            raise TryAgain(
                f"{mine} of your batches are not over yet, the most for one person. Wait for one of them.",
                retry_after_s=60,
            )

    def _work_on(self, batch: Batch) -> None:
        work = self._works[batch.id] = BatchWork(batch, self._tools)
        task = asyncio.create_task(self._run(work), name=f"batch {batch.id}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _run(self, work: BatchWork) -> None:
        try:
            await work.run()
        finally:
            del self._works[work.batch.id]

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A defect. The batch stays as it is on the disk, and is tried again at the next start.
            self._tools.log.error("batch_work_failed", exc_info=error)
