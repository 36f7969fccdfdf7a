"""The lines of one batch on their way to their answers."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final

from appliance.domain.batches import Batch
from appliance.errors import CarrelError, Conflict, ReplicaFailed
from appliance.services.batches.checking import read_head
from appliance.services.batches.lines import lines_of
from appliance.services.batches.pauses import Pauses
from appliance.services.batches.ports import LineRun
from appliance.services.batches.recording import LineName, Recorder, comes_back, refusal_of
from appliance.services.batches.stopping import LETS_LINES_END, Stop
from appliance.services.batches.tools import Tools

MOST_TRIES: Final = 3
"""Of a line under which the model's process ends."""


@dataclass(frozen=True, slots=True)
class _Line:
    name: LineName
    body: bytes


class Computing:
    """Ends when every line has its end on the disk, or when it is stopped and nothing of it runs."""

    def __init__(self, batch: Batch, tools: Tools, stop: Stop) -> None:
        self._batch = batch
        self._tools = tools
        self._stop = stop
        self._pauses = Pauses(tools.sleep)
        self._again: deque[_Line] = deque()
        self._deaths: Counter[int] = Counter()
        self._broken: set[int] = set()
        """Lines that met a defect; it would meet them again."""
        self._tries: set[asyncio.Task[None]] = set()
        self._runs: set[LineRun] = set()

    async def run(self) -> bool:
        """Whether every line has its end. Raises ``StorageUnavailable`` where the input cannot be read; then
        it can be begun again.
        """
        while True:
            done = await self._tools.batches.done(self._batch.id)
            if len(done) >= self._batch.counts.total:
                return True
            if self._stop.reason is not None:
                return False
            try:
                async with aclosing(self._lines(done)) as lines:
                    await self._all(lines)
            finally:
                await self._end()

    def end_runs(self, *, waiting_only: bool) -> None:
        """Lines in the queue go back; those that are computed too, unless only the others are meant."""
        for run in list(self._runs):
            if not (waiting_only and run.dispatched):
                run.cancel()

    async def _all(self, lines: AsyncGenerator[_Line, None]) -> None:
        while await self._goes_on():
            if self._pauses.probing and self._tries:
                await self._one_ended()
                continue
            line = self._again.popleft() if self._again else await anext(lines, None)
            if line is not None:
                await self._begin(line)
            elif self._tries:
                await self._one_ended()
            else:
                return

    async def _goes_on(self) -> bool:
        """Once it is time to try more; False where it was stopped, be it at the same moment."""
        return await self._stop.or_done(self._pauses.wait()) and self._stop.reason is None

    async def _one_ended(self) -> None:
        await self._stop.or_done(_first_of(frozenset(self._tries)))

    async def _lines(self, done: frozenset[int]) -> AsyncGenerator[_Line, None]:
        tools = self._tools
        async for raw in lines_of(tools.shelf, self._batch.input_file_id, tools.most_line_bytes):
            if raw.text is not None and raw.number not in done:
                head = read_head(raw.text)
                yield _Line(LineName(self._batch.id, raw.number, head.custom_id), bytes(head.body))

    async def _begin(self, line: _Line) -> None:
        if not await self._stop.or_done(self._tools.seats.take(self._batch.caller.holder)):
            return
        if self._stop.reason is not None:
            self._tools.seats.give_back()
            return
        task = asyncio.create_task(self._try(line))
        self._tries.add(task)
        task.add_done_callback(partial(self._tried, line))

    def _tried(self, line: _Line, task: asyncio.Task[None]) -> None:
        self._tries.discard(task)
        if (defect := task.exception()) is not None:
            self._tools.log.error("batch_line_failed", request_id=line.name.request_id, exc_info=defect)
            self._broken.add(line.name.number)
            self._again.append(line)

    async def _try(self, line: _Line) -> None:
        try:
            error = await self._answer(line)
        except CarrelError as refusal:
            error = refusal
            self._again.append(line)
        finally:
            self._tools.seats.give_back()
        if error is None:
            self._pauses.went_well()
        else:
            self._pauses.refused(error)

    async def _answer(self, line: _Line) -> CarrelError | None:
        """One try. What is not answered is put back; the error says why, where waiting may help."""
        tools, name = self._tools, line.name
        if name.number in self._broken:
            return await self._refused(line, _broken())
        try:
            understood = tools.endpoints.read(self._batch.endpoint, line.body, request_id=name.request_id)
            last_try = self._deaths[name.number] >= MOST_TRIES - 1
            recorder = Recorder(name, understood, tools.endpoints, last_try=last_try)
            run = await tools.generations.start(self._batch.caller, understood.request, recorder)
        except CarrelError as error:
            return await self._refused(line, error)
        await self._follow(run)
        if recorder.kept:
            return None
        if not recorder.over:
            # A defect broke the run, and would break the next one.
            await tools.holds.release(name.request_id)
            return await self._refused(line, _broken())
        return await self._interrupted(line, recorder.error)

    async def _follow(self, run: LineRun) -> None:
        self._runs.add(run)
        if self._stop.reason is not None:
            run.cancel()
        await run.ended()
        self._runs.discard(run)

    async def _refused(self, line: _Line, error: CarrelError) -> CarrelError | None:
        if not comes_back(error, last_try=False):
            await self._tools.batches.keep(refusal_of(line.name, error, self._tools.endpoints))
            return None
        if isinstance(error, Conflict):
            # An earlier try, whose end could not be told from outside, may have left its hold or its answer.
            await self._tools.holds.release(line.name.request_id)
            if line.name.number in await self._tools.batches.done(self._batch.id):
                return None
        self._again.append(line)
        return error

    async def _interrupted(self, line: _Line, error: CarrelError | None) -> CarrelError | None:
        if error is not None:
            await self._tools.holds.release(line.name.request_id)
        self._deaths[line.name.number] += isinstance(error, ReplicaFailed)
        self._again.append(line)
        return error

    async def _end(self) -> None:
        """Where it was stopped, what has not begun is given up; if the box stops, all of it."""
        if self._stop.reason is not None:
            self.end_runs(waiting_only=self._stop.reason in LETS_LINES_END)
        if self._tries:
            await asyncio.wait(self._tries)


def _broken() -> CarrelError:
    return CarrelError("Something in the box broke. Its log has the details under this request id.")


async def _first_of(tasks: frozenset[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
