"""Fakes that keep the ports of ``services.generation``: a ledger in memory and a source driven by the
test."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from appliance.domain.batches import LineAnswer
from appliance.domain.generation import AnyRequest, FinishReason, GenerationRequest
from appliance.domain.people import Caller, Project
from appliance.domain.prompts import (
    AnswerFormat,
    ChatPrompt,
    Message,
    PreparedPrompt,
    Prompt,
    TextPrompt,
    TokenPrompt,
)
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.engines.base import Embedding, Event, Failed, Finished, Free, Generate, Tokens
from appliance.errors import BudgetExhausted, CarrelError
from appliance.services.admission.admission import Admitted
from appliance.services.admission.watching import NOBODY_WATCHES
from appliance.services.generation.generator import Generator
from appliance.services.generation.ports import ServedModel
from appliance.services.queue import DispatchQueue

CALLER = Caller(key_id="k1", person_id="ada", project_id="default")


@dataclass
class FakeLedger:
    """Remembers everything; ``reserving`` and ``settling`` are gates a test may close."""

    holds: dict[str, Hold] = field(default_factory=dict)
    settled: dict[str, tuple[Outcome, Meters]] = field(default_factory=dict)
    marks: list[ProgressMark] = field(default_factory=list)
    kept: list[LineAnswer] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    refuse: bool = False
    settle_error: CarrelError | None = None
    reserving: asyncio.Event = field(default_factory=asyncio.Event)
    settling: asyncio.Event = field(default_factory=asyncio.Event)
    settled_one: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reserving.set()
        self.settling.set()

    async def reserve(self, hold: Hold) -> None:
        await self.reserving.wait()
        if self.refuse:
            raise BudgetExhausted("The budget is spent.")
        self.holds[hold.request_id] = hold

    async def mark(self, marks: Sequence[ProgressMark]) -> None:
        self.marks.extend(marks)

    async def settle(
        self, request_id: str, outcome: Outcome, meters: Meters, kept: LineAnswer | None = None
    ) -> None:
        await self.settling.wait()
        if self.settle_error is not None:
            raise self.settle_error
        self.settled[request_id] = (outcome, meters)
        self.settled_one.set()
        if kept is not None:
            self.kept.append(kept)

    async def release(self, request_id: str) -> None:
        if self.settle_error is not None:
            raise self.settle_error
        self.holds.pop(request_id, None)
        self.released.append(request_id)


class FakeStream:
    """One piece of work; the test says what comes out of it."""

    def __init__(self, work: Generate, source: "FakeSource") -> None:
        self.work = work
        self.cancelled = asyncio.Event()
        self._source = source
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._sampled = 0

    def token(self, text: str) -> None:
        self._sampled += 1
        self._events.put_nowait(Tokens(self.work.id, 0, (7,), text))

    def tell(self, event: Event) -> None:
        self._events.put_nowait(event)

    def vector(self, index: int, vector: bytes) -> None:
        self._events.put_nowait(Embedding(self.work.id, index, vector))

    def finish(self, reason: FinishReason = FinishReason.STOP, text: str = "", stop: str = "") -> None:
        prompt = self.work.prompt_tokens
        self._events.put_nowait(Finished(self.work.id, 0, reason, text, prompt, 0, self._sampled, 1.25, stop))

    def fail(self, code: str) -> None:
        self._events.put_nowait(Failed(self.work.id, code, "It broke.", self._sampled, 0.5))

    def cancel(self) -> None:
        if not self.cancelled.is_set():
            self.cancelled.set()
            self.finish(FinishReason.CANCELLED)

    async def __aiter__(self) -> AsyncIterator[Event]:
        running = self.work.n
        while running:
            event = await self._events.get()
            running -= isinstance(event, Finished)
            if isinstance(event, Failed):
                running = 0
            if not running:
                self._source.leave(self)
            yield event


class FakeSource:
    """A source with room for ``sequences`` pieces of work."""

    incarnation = 0

    def __init__(self, sequences: int = 2, kv_tokens: int = 1000) -> None:
        self._sequences = sequences
        self._kv_tokens = kv_tokens
        self.streams: list[FakeStream] = []
        self.open_now: set[FakeStream] = set()
        self.opened = asyncio.Condition()
        self.on_change = lambda: None

    @property
    def free(self) -> Free:
        taken = sum(stream.work.kv_tokens for stream in self.open_now)
        return Free(self._kv_tokens - taken, self._sequences - len(self.open_now))

    def open(self, work: Generate) -> FakeStream:
        stream = FakeStream(work, self)
        self.streams.append(stream)
        self.open_now.add(stream)
        self.on_change()
        return stream

    def leave(self, stream: FakeStream) -> None:
        self.open_now.discard(stream)
        self.on_change()

    async def stream(self, index: int) -> FakeStream:
        """The index-th stream ever opened, as soon as it is."""
        async with asyncio.timeout(5):
            while len(self.streams) <= index:
                await asyncio.sleep(0)
        return self.streams[index]


class FakePreparer:
    """One token a character of all contents."""

    thinks_at_once = False

    async def prepare(self, prompt: Prompt, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        constraint = "" if answer_format is None else f"json {answer_format.schema}"
        match prompt:
            case ChatPrompt():
                tokens = [ord(c) for message in prompt.messages for c in message.content]
            case TextPrompt():
                tokens = [ord(c) for c in prompt.text]
            case TokenPrompt():
                tokens = list(prompt.tokens)
        return PreparedPrompt(tuple(tokens), constraint, self.thinks_at_once)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        return "".join(map(chr, tokens))


class Everybody:
    """An admission that lets everybody."""

    def admit(self, caller: Caller, request: AnyRequest) -> Admitted:
        """Never refuses."""
        self.check(caller, request.model)
        return Admitted(request, NOBODY_WATCHES)

    def check(self, caller: Caller, model: str) -> None:
        """Never refuses."""

    def rename(self, caller: Caller, model: str) -> str:
        """No name means another."""
        return model


class FakeProjects:
    """Grants what the test put into ``known``."""

    def __init__(self) -> None:
        self.known: dict[str, Project] = {}

    def project(self, project_id: str) -> Project:
        return self.known.get(project_id, Project(project_id, project_id, 0))


class FakeClock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.at_s = 1000.0

    def now_ms(self) -> int:
        return int(self.at_s * 1000)

    def monotonic_s(self) -> float:
        return self.at_s


@dataclass
class Box:
    """A generator with all its fakes."""

    generator: Generator
    ledger: FakeLedger
    source: FakeSource
    queue: DispatchQueue
    clock: FakeClock
    model: ServedModel
    projects: FakeProjects
    ids: "count[int]" = field(default_factory=lambda: count(1))

    def request(self, content: str = "Hello", **more: object) -> GenerationRequest:
        prompt = ChatPrompt((Message("user", content),))
        return GenerationRequest(id=f"req_{next(self.ids)}", model="m", prompt=prompt, **more)  # type: ignore[arg-type]

    def served(self, model: str) -> ServedModel:
        return self.model
