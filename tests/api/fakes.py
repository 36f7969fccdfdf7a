"""A box that answers by script, keeping the contract of ``Generations``."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from appliance.api.acting import Acting
from appliance.api.manners import Manners
from appliance.domain.allocation import Account, Allocation, Scope, Window
from appliance.domain.days import DAY_MS
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
from appliance.domain.license import LicenseTerms
from appliance.domain.me import Me, OwnLimit, QueueShare, Records
from appliance.domain.model import ModelCard, ModelIdentity
from appliance.domain.people import ApiKey, Caller, Part, Project
from appliance.domain.prompts import ChatPrompt, Prompt, TextPrompt
from appliance.domain.rates import RateLeft, RatesLeft
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.refusals import Refused
from appliance.domain.report_travel import Journey, Travel
from appliance.domain.reports import Drawn, Report, ReportedModel
from appliance.domain.results import AmountAbout, PolicySection, PolicyShown
from appliance.domain.tokenization import Tokenized
from appliance.domain.usage import Budget, Meters, UsageSum
from appliance.edge.access import Access, PageAccess
from appliance.errors import BadRequest, ModelNotFound, NotAuthenticated, NotFound
from appliance.services.binding import bind
from appliance.services.licenses.own import OwnLicense
from appliance.services.oversight.guards import GuardModel, Guards
from appliance.services.reports.filing import Case
from tests.admin.fake_box import FakeHandlers

OPERATIONS = bind(FakeHandlers().table())
KEY = "crl_test_key_0123456789"
OTHER_KEY = "crl_test_key_9876543210"
CALLER = Caller(key_id="key-1", person_id="ada", project_id="default")
OTHER_CALLER = Caller(key_id="key-2", person_id="bob", project_id="default")
USAGE = TokenUsage(prompt_tokens=7, cached_tokens=2, completion_tokens=3)
IDENTITY = ModelIdentity("tiny", 3, "ab" * 32, "fake-1")
CARDS = (
    ModelCard(
        "tiny",
        "Tiny",
        1_700_000_000_000,
        512,
        True,
        identity=IDENTITY,
        license="Apache-2.0",
        tier="open",
        approved_by="approved by this lab",
        defaults=SamplingDefaults(temperature=0.7, max_tokens=64),
    ),
    ModelCard("tiny-1.5@f16", "Tiny in f16", 1_700_000_000_000, 512, True),
    ModelCard("lab/Tiny:chat", "Tiny", 1_700_000_000_000, 512, True, alias_of="tiny"),
)

Script = Callable[["FakeRun"], AsyncIterator[GenerationEvent]]


class FakeRun:
    """One run: its script decides its events; ``closed`` is set once the client's side let it go."""

    def __init__(
        self,
        script: Script,
        request: GenerationRequest,
        position: int = 0,
        thinking: tuple[str, str] | None = None,
        notices: tuple[str, ...] = (),
    ) -> None:
        self.accepted = Accepted(
            IDENTITY,
            prompt_tokens=7,
            seed=42,
            created_ms=1_700_000_000_999,
            service_class=request.service_class,
            queue_position=position,
            thinking=thinking,
            notices=notices,
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
    thinking: tuple[str, str] | None = None
    notices: tuple[str, ...] = ()
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
        run = FakeRun(self.script, request, self.position, self.thinking, self.notices)
        self.runs.append(run)
        self.running.set()
        return run

    async def _prepare(self, prepared: asyncio.Event) -> None:
        try:
            await prepared.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise


@dataclass
class FakeTokenizing:
    """A token for each byte, behind those of ``first``; ``merged`` are pairs of bytes that are one token."""

    first: tuple[int, ...] = ()
    merged: dict[bytes, int] = field(default_factory=dict)
    refusal: Exception | None = None
    callers: list[Caller] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)

    async def tokenize(self, caller: Caller, model: str, prompt: Prompt) -> Tokenized:
        self._note(caller, model)
        self.prompts.append(prompt)
        texts = [prompt.text] if isinstance(prompt, TextPrompt) else []
        texts += [one.content for one in prompt.messages] if isinstance(prompt, ChatPrompt) else []
        return Tokenized(IDENTITY, (*self.first, *self._tokens("".join(texts).encode())), 512)

    async def detokenize(self, caller: Caller, model: str, tokens: Sequence[int]) -> str:
        self._note(caller, model)
        return bytes(token % 256 for token in tokens).decode(errors="replace")

    def _note(self, caller: Caller, model: str) -> None:
        self.callers.append(caller)
        self.models.append(model)
        if self.refusal is not None:
            raise self.refusal

    def _tokens(self, text: bytes) -> list[int]:
        tokens: list[int] = []
        while text:
            size = 2 if text[:2] in self.merged else 1
            tokens.append(self.merged.get(text[:2], text[0]))
            text = text[size:]
        return tokens


class FakeAuthenticator:
    async def authenticate(self, raw: str, address: str = "") -> Caller:
        known = {KEY: CALLER, OTHER_KEY: OTHER_CALLER}
        if raw not in known:
            raise NotAuthenticated("This key is not known.")
        return known[raw]


class FakeAccounts:
    """Says who asked."""

    def __init__(self) -> None:
        self.usage = (UsageSum("tiny", 2, Meters(10, 4, 5, 3, 6, 50)),)

    async def me(self, caller: Caller) -> Me:
        return Me(
            key=ApiKey(caller.key_id, "laptop", "ab12", caller.person_id, caller.project_id, 1, None, None),
            project=Project(caller.project_id, "Default", 0),
            models=CARDS,
            budget=Budget(caller.project_id, 2_500_000, 1_000_000, 500_000),
            rates=FakeRates().left(caller.holder),
            queue=QueueShare(1, 64, 2, 32),
            usage=self.usage,
            since_ms=1_700_000_000_000,
            records=Records(("its id",), ("Prompts are not kept.",)),
            allocations=(OwnLimit(_a_day(caller), AmountAbout("tiny", 35, 7000, None, _BASIS)),),
        )


_BASIS = "what you used in 30 days"


def _a_day(caller: Caller) -> Account:
    """Each person has 5 credits a day; this one was given one more."""
    each = Allocation("alc_1", caller.project_id, Scope.PERSON, "", Window.DAY, 5_000_000)
    return Account(each, caller.holder, 20_000 * DAY_MS, 2_000_000, 500_000, 1_000_000)


class FakeRates:
    """The same for everybody."""

    def left(self, caller: Caller) -> RatesLeft:
        return RatesLeft(requests=RateLeft(60, 59, 1.0), tokens=RateLeft(6000, 5880, 0.12))


TEXT_SHA256 = "ab" * 32


class FakeLicenses:
    """One license that ``ada`` and whoever else asks has to accept; remembers for what purpose."""

    def __init__(self) -> None:
        self.purposes: dict[str, str] = {}

    def _own(self, caller: Caller) -> OwnLicense:
        terms = LicenseTerms(
            "LicenseRef-tiny",
            title="Tiny license",
            text_sha256=TEXT_SHA256,
            acceptance="person",
            uses_denied=("Harm.",),
            redistribution="no",
        )
        return OwnLicense("tiny", "Tiny", terms, "Do no harm.", caller.holder in self.purposes, False)

    async def show_all(self, caller: Caller) -> list[OwnLicense]:
        return [self._own(caller)]

    async def accept(self, caller: Caller, *, model: str, text_sha256: str, purpose: str) -> OwnLicense:
        if not TEXT_SHA256.startswith(text_sha256):
            raise BadRequest("That is not the hash of the present license text.", param="text_sha256")
        self.purposes[caller.holder] = purpose
        return self._own(caller)

    async def withdraw(self, caller: Caller, *, model: str) -> None:
        if model != "tiny" or self.purposes.pop(caller.holder, None) is None:
            raise NotFound("You have accepted no license of this model; see GET /v1/me/licenses.")


class FakeBelonging:
    """``lead`` leads the project ``seminar``, and nobody else belongs to any."""

    def part(self, project_id: str, person_id: str) -> Part | None:
        return "lead" if (project_id, person_id) == ("seminar", "lead") else None


class GoodForAll:
    def check(self, caller: Caller, *, belonging_only: bool = False) -> None:
        """Nobody is suspended."""


class FakeReports:
    """Takes every report, and keeps what it was told."""

    def __init__(self) -> None:
        self.cases: list[tuple[Caller, Case]] = []

    async def file(self, caller: Caller, case: Case) -> Report:
        self.cases.append((caller, case))
        return self._report(caller)

    async def all(self, caller: Caller) -> Sequence[Report]:
        return [self._report(caller)]

    async def journeys(self, reports: Sequence[Report]) -> Mapping[str, Journey]:
        return {one.id: Journey(Travel(one.id, verdict="accepted", answered_ms=9)) for one in reports}

    async def get(self, caller: Caller, report_id: str) -> Report:
        if report_id != f"rep_{caller.holder}":
            raise NotFound("There is no such report.", param="id")
        return self._report(caller)

    def _report(self, caller: Caller) -> Report:
        return Report(
            id=f"rep_{caller.holder}",
            holder=caller.holder,
            person_id=caller.person_id,
            project_id=caller.project_id,
            model=ReportedModel("tiny", 3, "ab" * 32),
            prompt_sha256="cd" * 32,
            drawn=Drawn(7),
            severity="high",
            category="bias",
            description="It does.",
            seen=3,
            made_ms=5,
        )


def no_guard(asked: str | None) -> GuardModel:
    """A box without one."""
    return Guards(NoModels(), "").guard(None)


class NoModels:
    """An empty catalog."""

    def find(self, model: str):
        raise ModelNotFound("No such model in the catalog.")


class FakePolicy:
    """Says one thing."""

    def told(self) -> PolicyShown:
        section = PolicySection(title="How long", statements=("Not long.",))
        return PolicyShown(sections=(section,), keeps_content=False)


def manners(**access: Access) -> Manners:
    return Manners(
        accounts=FakeAccounts(),
        licenses=FakeLicenses(),
        reports=FakeReports(),
        acting=Acting(OPERATIONS, FakeBelonging()),
        standing=GoodForAll(),
        rates=FakeRates(),
        policy=FakePolicy(),
        metrics=lambda: b"carrel_up 1\n",
        version="1.2.3",
        guards=no_guard,
        access=PageAccess(**access),
    )


class FakeDirectory:
    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        assert caller == CALLER
        return CARDS


@dataclass
class FakeReadiness:
    reason: str | None = None

    def why_not(self) -> str | None:
        return self.reason


class Noted:
    """The errors that callers met: whose, which, in which request."""

    def __init__(self) -> None:
        self.all: list[tuple[Caller | None, str, str]] = []
        self.paths: list[str] = []

    def note(self, refused: Refused) -> None:
        self.all.append((refused.caller, refused.error.code, refused.request_id))
        self.paths.append(refused.path)


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
