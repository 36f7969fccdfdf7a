"""A box that answers by script, keeping the contract of ``Generations``."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from appliance.domain.generation import (
    Accepted,
    ChoiceFinished,
    FinishReason,
    GenerationEvent,
    GenerationRequest,
    Settled,
    TextDelta,
    TokenUsage,
    Waiting,
)
from appliance.domain.model import ModelCard, ModelIdentity
from appliance.domain.people import Caller
from appliance.errors import NotAuthenticated

KEY = "crl_test_key_0123456789"
CALLER = Caller(key_id="key-1", person_id="ada", project_id="default")
USAGE = TokenUsage(prompt_tokens=7, cached_tokens=2, completion_tokens=3)
IDENTITY = ModelIdentity("tiny", 3, "ab" * 32, "fake-1")
CARDS = (
    ModelCard("tiny", "Tiny", 1_700_000_000_000, 512, True),
    ModelCard("tiny-1.5@f16", "Tiny in f16", 1_700_000_000_000, 512, True),
)

Script = Callable[["FakeRun"], AsyncIterator[GenerationEvent]]


class FakeRun:
    """One run: its script decides its events; ``closed`` is set once the client's side let it go."""

    def __init__(self, script: Script, request: GenerationRequest, position: int = 0) -> None:
        self.accepted = Accepted(
            IDENTITY,
            prompt_tokens=7,
            seed=42,
            created_ms=1_700_000_000_999,
            service_class=request.service_class,
            queue_position=position,
        )
        self.request = request
        self.closed = asyncio.Event()
        self.told = 0
        self.all_said = asyncio.Event()
        self._script = script

    async def __aiter__(self) -> AsyncIterator[GenerationEvent]:
        async for event in self._script(self):
            self.told += 1
            yield event

    async def aclose(self) -> None:
        self.closed.set()


@dataclass
class FakeGenerations:
    script: Script = field(default_factory=lambda: answers("Hello", " there"))
    refusal: Exception | None = None
    position: int = 0
    prepared: asyncio.Event | None = None
    started: asyncio.Event = field(default_factory=asyncio.Event)
    running: asyncio.Event = field(default_factory=asyncio.Event)
    given_up: asyncio.Event = field(default_factory=asyncio.Event)
    callers: list[Caller] = field(default_factory=list)
    requests: list[GenerationRequest] = field(default_factory=list)
    runs: list[FakeRun] = field(default_factory=list)

    async def start(self, caller: Caller, request: GenerationRequest) -> FakeRun:
        self.callers.append(caller)
        self.requests.append(request)
        self.started.set()
        if self.refusal is not None:
            raise self.refusal
        if self.prepared is not None:
            await self._prepare(self.prepared)
        run = FakeRun(self.script, request, self.position)
        self.runs.append(run)
        self.running.set()
        return run

    async def _prepare(self, prepared: asyncio.Event) -> None:
        try:
            await prepared.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise


class FakeAuthenticator:
    async def authenticate(self, raw: str) -> Caller:
        if raw != KEY:
            raise NotAuthenticated("This key is not known.")
        return CALLER


class FakeDirectory:
    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        assert caller == CALLER
        return CARDS


@dataclass
class FakeReadiness:
    reason: str | None = None

    def why_not(self) -> str | None:
        return self.reason


@dataclass
class RecordingLog:
    lines: list[str] = field(default_factory=list)

    def _note(self, event: str, /, **fields: object) -> None:
        self.lines.append(f"{event} {fields}")

    info = warning = error = _note


class FakeClock:
    def now_ms(self) -> int:
        return 1_700_000_000_000

    def monotonic_s(self) -> float:
        return 0.0


def answers(*texts: str, reason: FinishReason = FinishReason.STOP) -> Script:
    """Say ``texts``, finish, settle."""

    async def script(_: FakeRun) -> AsyncIterator[GenerationEvent]:
        for text in texts:
            await asyncio.sleep(0)
            yield TextDelta(0, text)
        yield ChoiceFinished(0, reason)
        yield Settled(USAGE)

    return script


def waits(*news: Waiting, error: Exception | None = None) -> Script:
    """Tell of the queue, then answer, or fail."""

    async def script(_: FakeRun) -> AsyncIterator[GenerationEvent]:
        for one in news:
            yield one
        if error is not None:
            raise error
        yield TextDelta(0, "Hi")
        yield ChoiceFinished(0, FinishReason.STOP)
        yield Settled(USAGE)

    return script


def fails_after(*texts: str, error: Exception) -> Script:
    """Say ``texts``, then raise."""

    async def script(_: FakeRun) -> AsyncIterator[GenerationEvent]:
        for text in texts:
            yield TextDelta(0, text)
        raise error

    return script


def stalls_after(*texts: str) -> Script:
    """Say ``texts``, then say nothing until somebody closes the run."""

    async def script(run: FakeRun) -> AsyncIterator[GenerationEvent]:
        for text in texts:
            yield TextDelta(0, text)
        await run.closed.wait()

    return script


def settles_on(event: asyncio.Event) -> Script:
    """All is said and finished, and the ledger takes its time."""

    async def script(run: FakeRun) -> AsyncIterator[GenerationEvent]:
        yield TextDelta(0, "Hi")
        yield ChoiceFinished(0, FinishReason.STOP)
        run.all_said.set()
        await event.wait()
        yield Settled(USAGE)

    return script


def floods(count: int, text: str) -> Script:
    """Never suspends: everything is at hand at once."""

    async def script(_: FakeRun) -> AsyncIterator[GenerationEvent]:
        for _index in range(count):
            yield TextDelta(0, text)
        yield ChoiceFinished(0, FinishReason.LENGTH)
        yield Settled(USAGE)

    return script
