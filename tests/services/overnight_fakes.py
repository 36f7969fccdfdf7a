"""Fakes that keep the ports of ``services.files`` and ``services.batches``, all in memory."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from appliance.domain.batches import Batch, LineAnswer, LineCounts
from appliance.domain.files import Holdings, StoredFile
from appliance.domain.generation import (
    Accepted,
    ChoiceFinished,
    FinishReason,
    GenerationRequest,
    ServiceClass,
    Settled,
    TextDelta,
    TokenUsage,
)
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller, Owner
from appliance.domain.prompts import TextPrompt
from appliance.domain.usage import Outcome
from appliance.errors import CarrelError, Conflict, NotFound, StorageUnavailable
from appliance.services.batches import BatchService, UnderstoodLine
from appliance.services.batches.ports import ANYWHERE, Origins
from appliance.services.batches.seats import Seats
from appliance.services.batches.tools import Tools
from appliance.services.files import FileLimits, FileService
from appliance.services.generation.listening import Charge, RunEnd

ADA = Caller("key_ada", "ada", "default")
BOB = Caller("key_bob", "bob", "default")
NOON_MS = 1_790_000_000_000
IDENTITY = ModelIdentity("m", 1, "a" * 64, "fake-1")
USAGE = TokenUsage(3, 0, 2)


class Clock:
    """Moves when a test says so."""

    def __init__(self) -> None:
        self.time_ms = NOON_MS

    def now_ms(self) -> int:
        return self.time_ms

    def monotonic_s(self) -> float:
        return self.time_ms / 1000


class QuietLog:
    def __init__(self) -> None:
        self.errors: list[object] = []

    def info(self, event: str, /, **fields: object) -> None: ...

    warning = info

    def error(self, event: str, /, **fields: object) -> None:
        self.errors.append((event, fields))


@dataclass
class MemoryDraft:
    shelf: "MemoryShelf"
    file_id: str
    data: bytearray = field(default_factory=bytearray)

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    async def write(self, data: bytes) -> None:
        if self.shelf.full:
            raise StorageUnavailable("The disk is full.")
        self.data += data

    async def seal(self) -> None:
        if self.shelf.full:
            raise StorageUnavailable("The disk is full.")
        self.shelf.contents[self.file_id] = bytes(self.data)


@dataclass
class MemoryShelf:
    contents: dict[str, bytes] = field(default_factory=dict)
    drafts: int = 0
    full: bool = False

    async def open(self, known) -> int:
        return 0

    @asynccontextmanager
    async def writing(self, file_id):
        self.drafts += 1
        try:
            yield MemoryDraft(self, file_id)
        finally:
            self.drafts -= 1

    async def read(self, file_id, offset, size_bytes) -> bytes:
        if file_id not in self.contents:
            raise NotFound("The content of this file is gone.")
        return self.contents[file_id][offset : offset + size_bytes]

    async def remove(self, file_id) -> None:
        self.contents.pop(file_id, None)


@dataclass
class MemoryFiles:
    rows: list[StoredFile] = field(default_factory=list)

    async def add(self, file) -> None:
        self.rows.append(file)

    async def get(self, owner, file_id) -> StoredFile:
        for row in self.rows:
            if (Owner(row.holder, row.project_id), row.id) == (owner, file_id):
                return row
        raise NotFound("You have no file of this id.", param="file_id")

    async def page(self, owner, *, purpose, after, limit, newest_first):
        own = [row for row in self.rows if Owner(row.holder, row.project_id) == owner]
        rows = [row for row in own if purpose in {None, row.purpose}]
        rows = rows[::-1] if newest_first else rows
        if after is not None:
            rows = rows[rows.index(await self.get(owner, after)) + 1 :]
        return rows[:limit]

    async def holdings(self, holder) -> Holdings:
        mine = [row.size_bytes for row in self.rows if row.holder == holder]
        return Holdings(len(mine), sum(mine))

    async def remove(self, owner, file_id) -> None:
        self.rows.remove(await self.get(owner, file_id))

    async def expire(self, now_ms, keep):
        over = [row.id for row in self.rows if row.expires_ms <= now_ms and row.id not in keep]
        self.rows = [row for row in self.rows if row.id not in over]
        return over


@dataclass
class MemoryBatches:
    """Also the books: ``charged`` has the request of every line that was settled."""

    files: MemoryFiles
    rows: dict[str, Batch] = field(default_factory=dict)
    answers: dict[tuple[str, int], LineAnswer] = field(default_factory=dict)
    charged: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    trouble: CarrelError | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def add(self, batch) -> None:
        self.rows[batch.id] = batch

    async def get(self, owner, batch_id) -> Batch:
        row = self.rows.get(batch_id)
        if row is None or row.caller.owner != owner:
            raise NotFound("You have no batch of this id.", param="batch_id")
        return row

    async def page(self, owner, *, after, limit):
        rows = [row for row in reversed(self.rows.values()) if row.caller.owner == owner]
        if after is not None:
            rows = rows[rows.index(await self.get(owner, after)) + 1 :]
        return rows[:limit]

    async def unfinished(self):
        return [row for row in self.rows.values() if not row.over]

    async def change(self, batch_id, step) -> Batch:
        if self.trouble is not None:
            raise self.trouble
        if batch_id not in self.rows:
            raise NotFound("You have no batch of this id.", param="batch_id")
        row = step(self.rows[batch_id])
        self.rows[batch_id] = replace(row, counts=replace(self.rows[batch_id].counts, total=row.counts.total))
        async with self.changed:
            self.changed.notify_all()
        return self.rows[batch_id]

    async def finish(self, batch_id, step, files) -> Batch:
        self.files.rows += files
        self.answers = {name: one for name, one in self.answers.items() if name[0] != batch_id}
        return await self.change(batch_id, step)

    async def keep(self, answer) -> None:
        if self.trouble is not None:
            raise self.trouble
        name = (answer.batch_id, answer.line)
        if name in self.answers:
            return
        self.answers[name] = answer
        row = self.rows[answer.batch_id]
        counts = LineCounts(
            row.counts.total,
            row.counts.completed + answer.succeeded,
            row.counts.failed + (not answer.succeeded),
        )
        self.rows[answer.batch_id] = replace(row, counts=counts)

    async def done(self, batch_id):
        return frozenset(line for batch, line in self.answers if batch == batch_id)

    async def lines(self, batch_id, *, after, limit):
        found = sorted(
            (one for (batch, line), one in self.answers.items() if batch == batch_id and line > after),
            key=lambda one: one.line,
        )
        return found[:limit]

    async def release(self, request_id) -> None:
        self.released.append(request_id)

    async def status(self, batch_id, *wanted: str) -> Batch:
        """The batch, once it is in one of these states."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: self.rows[batch_id].status.value in wanted)
        return self.rows[batch_id]


class FakeRun:
    """One try of a line. Scripts end it."""

    def __init__(self, books: MemoryBatches, request, listener) -> None:
        self.request = request
        self.dispatched = True
        self.cancelled = asyncio.Event()
        self._books = books
        self._listener = listener
        self._over = asyncio.Event()

    def cancel(self) -> None:
        self.cancelled.set()

    async def ended(self) -> None:
        await self._over.wait()

    async def finish(self, text: str = "yes", *, outcome=Outcome.COMPLETED, error=None) -> None:
        self._listener.hear(TextDelta(0, text))
        reason = FinishReason.CANCELLED if outcome is Outcome.CANCELLED else FinishReason.STOP
        self._listener.hear(ChoiceFinished(0, reason))
        accepted = replace(ACCEPTED, service_class=self.request.service_class)
        verdict = self._listener.decide(RunEnd(accepted, outcome, USAGE, error))
        try:
            if isinstance(verdict, Charge):
                if self.request.id in self._books.charged:
                    raise Conflict("accounted before")
                await self._books.keep(verdict.kept)
                self._books.charged.append(self.request.id)
            self._listener.end(error or Settled(USAGE))
        except CarrelError as trouble:
            self._listener.end(trouble)
        self._over.set()


ACCEPTED = Accepted(IDENTITY, prompt_tokens=3, seed=1, created_ms=NOON_MS)


@dataclass
class FakeBox:
    """Starts runs and lets ``script`` end them; by default each answers at once."""

    books: MemoryBatches
    script: Callable[[FakeRun], object] | None = None
    refusals: list[CarrelError] = field(default_factory=list)
    runs: list[FakeRun] = field(default_factory=list)
    started: asyncio.Condition = field(default_factory=asyncio.Condition)
    tasks: set[asyncio.Task] = field(default_factory=set)

    async def start(self, caller, request, listener) -> FakeRun:
        if self.refusals:
            raise self.refusals.pop(0)
        run = FakeRun(self.books, request, listener)
        self.runs.append(run)
        async with self.started:
            self.started.notify_all()
        task = asyncio.ensure_future((self.script or FakeRun.finish)(run))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return run

    async def began(self, count: int) -> None:
        async with asyncio.timeout(10), self.started:
            await self.started.wait_for(lambda: len(self.runs) >= count)


class PlainEndpoints:
    """``/v1/echo``: the body's ``say`` is the prompt; the answer is what was said."""

    paths = ("/v1/echo",)

    def read(self, path, body, *, request_id) -> UnderstoodLine:
        import json

        from appliance.errors import BadRequest

        said = json.loads(body).get("say")
        if not isinstance(said, str):
            raise BadRequest("`say` is missing.", param="say")
        request = GenerationRequest(request_id, "m", TextPrompt(said), service_class=ServiceClass.OVERNIGHT)

        def whole(accepted, events) -> bytes:
            text = "".join(one.text for one in events if isinstance(one, TextDelta))
            assert isinstance(events[-1], Settled)
            return json.dumps({"answer": text, "to": said}).encode()

        return UnderstoodLine(request, whole)

    def refusal(self, error, request_id) -> bytes:
        return b'{"error":{"code":"%b"}}' % error.code.encode()


@dataclass
class FakeKeys:
    ended: set[str] = field(default_factory=set)

    def works(self, key_id) -> bool:
        return key_id not in self.ended


class Pausing:
    """A sleep that ends when a test lets it; ``slept`` are the seconds that were asked for."""

    def __init__(self, *, open_: bool = True) -> None:
        self.slept: list[float] = []
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()
        if open_:
            self.gate.set()

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.asked.set()
        await self.gate.wait()


@dataclass
class OvernightBox:
    """Both services over fakes."""

    clock: Clock = field(default_factory=Clock)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    keys: FakeKeys = field(default_factory=FakeKeys)
    sleep: Pausing = field(default_factory=Pausing)
    limits: FileLimits = field(default_factory=FileLimits)
    endpoints: object = field(default_factory=PlainEndpoints)
    log: QuietLog = field(default_factory=QuietLog)
    origins: Origins = ANYWHERE
    lines_at_once: int = 4
    most_line_bytes: int = 4096

    def __post_init__(self) -> None:
        self.batches = MemoryBatches(self.files)
        self.box = FakeBox(self.batches)
        self.service = self.restarted()
        self.file_service = FileService(
            files=self.files,
            shelf=self.shelf,
            clock=self.clock,
            limits=self.limits,
            in_use=lambda: self.service.in_use(),  # noqa: PLW0108 - it is another one after a restart
        )

    def restarted(self) -> BatchService:
        tools = Tools(
            batches=self.batches,
            files=self.files,
            shelf=self.shelf,
            endpoints=self.endpoints,
            generations=self.box,
            holds=self.batches,
            seats=Seats(self.lines_at_once),
            clock=self.clock,
            log=self.log,
            sleep=self.sleep,
            most_line_bytes=self.most_line_bytes,
            file_ms=1000,
            origins=self.origins,
        )
        self.service = BatchService(tools, self.keys)
        return self.service

    async def file(self, content: bytes, caller: Caller = ADA) -> str:
        async with self.file_service.uploading(caller) as upload:
            await upload.write(content)
            return (await upload.keep(name="in.jsonl", purpose="batch")).id

    async def batch(self, content: bytes, caller: Caller = ADA) -> Batch:
        return await self.service.create(
            caller,
            input_file_id=await self.file(content, caller),
            endpoint=self.endpoints.paths[0],
            completion_window="24h",
            metadata={},
        )

    def content(self, file_id: str | None) -> list[dict]:
        import json

        return (
            [] if file_id is None else [json.loads(one) for one in self.shelf.contents[file_id].splitlines()]
        )
