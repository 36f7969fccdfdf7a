"""Upstreams over a host of the test."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from appliance.domain.generation import Sampling
from appliance.domain.prompts import ChatPrompt, Message, Prompt
from appliance.domain.upstream import Price, Upstream
from appliance.engines.base import EngineSpec, Event
from appliance.errors import CarrelError
from appliance.outbound.address import Address
from appliance.outbound.client import Outbound
from appliance.outbound.limits import Limits
from appliance.outbound.switch import Switch
from appliance.upstreams.alarms import Alarms
from appliance.upstreams.counting import Counter, Guessing
from appliance.upstreams.guessing import TokenCount, guess_prompt
from appliance.upstreams.line import Line
from appliance.upstreams.source import Source, authorized
from appliance.upstreams.work import Remote
from tests.upstreams.hostile_host import HostileHost
from tests.workers.conftest import Changes, RecordedLog

SECRET = "sk-the-labs-own-key"
FEATURES = frozenset({"chat", "completions", "tools", "schemas", "logprobs", "seed", "sampling"})


class MachineClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()


class OneTokenAWord:
    """Counts as a tokenizer would that has a token for each word with its space."""

    async def count(self, text: str) -> TokenCount:
        return TokenCount.exactly(len(self._tokens(text)))

    async def first(self, text: str, tokens: int) -> str:
        return "".join(self._tokens(text)[:tokens])

    def _tokens(self, text: str) -> list[str]:
        words = text.split(" ")
        return [one for one in [words[0], *(" " + word for word in words[1:])] if one]


def upstream(url: str, model: str = "honest", **more: object) -> Upstream:
    settings = {"name": "lab", "key": "", "price": Price(10**6, 10**6, 10**6), "features": FEATURES}
    return Upstream(**{**settings, "address": url, "model": model, "plain_http": True, **more})


def question(**more: object) -> Remote:
    given = {
        "id": 1,
        "prompt": (),
        "max_tokens": 50,
        "sampling": Sampling(1.0, 1.0, 0, 0.0, 7),
        "asked": ChatPrompt((Message("user", "Which port?"),)),
        **more,
    }
    asked: Prompt = given["asked"]
    return Remote(**{"counted": guess_prompt(asked), **given})


@dataclass
class Told:
    """What came of one work."""

    events: list[Event] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(getattr(one, "text", "") for one in self.events)

    @property
    def last(self) -> Event:
        return self.events[-1]


async def all_of(stream) -> Told:
    return Told([event async for event in stream])


@dataclass
class Bench:
    """Makes sources over one host."""

    host: HostileHost
    log: RecordedLog = field(default_factory=RecordedLog)
    sources: list[Source] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.alarms = Alarms(self.log)
        self.changes = Changes()

    async def source(
        self,
        model: str = "honest",
        *,
        counter: Counter | None = None,
        limits: Limits | None = None,
        switch: Switch | None = None,
        objection: Callable[[], CarrelError | None] = lambda: None,
        url: str = "",
        started: bool = True,
        **more: object,
    ) -> Source:
        there = upstream(url or self.host.url, model, **more)
        address = Address.parse(there.address, plain_http=True)
        client = Outbound(switch=switch or Switch()).client(address, limits or Limits())

        def line() -> Line:
            return Line(
                model, there, client, authorized(SECRET), counter or Guessing(), None, self.alarms,
                MachineClock(),
            )  # fmt: skip

        spec = EngineSpec("upstream", "", 512, 2048, 4)
        source = Source(spec, line, on_change=self.changes, objection=objection, ask_again_s=0.01)
        self.sources.append(source)
        if started:
            await source.start()
        return source

    async def ask(self, model: str, work: Remote | None = None, **more: object) -> Told:
        source = await self.source(model, **more)
        return await all_of(source.open(work or question()))


@pytest.fixture(scope="session")
def host() -> Iterator[HostileHost]:
    with HostileHost().serving() as host:
        yield host


@pytest.fixture
async def bench(host: HostileHost):
    host.asked.clear()
    host.left.clear()
    bench = Bench(host)
    yield bench
    for source in bench.sources:
        await source.stop()


@pytest.fixture
def words() -> Callable[[], OneTokenAWord]:
    return OneTokenAWord()
