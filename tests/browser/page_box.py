"""Pages and API of a scripted box behind one socket of 127.0.0.1, as doors join them: what a model says is
whatever a test lets it say, when it lets it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from appliance.api.openai.routes import ApiLimits
from appliance.api.overnight import Overnight
from appliance.api.public import public_app
from appliance.domain.generation import ChoiceFinished, FinishReason, GenerationEvent, Settled, TextDelta
from appliance.edge.doors import Doors
from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind
from appliance.edge.uploads import UploadLimits
from appliance.web.paths import is_page
from appliance.wiring.page_answers import PageAnswers
from tests.api.fakes import (
    USAGE,
    FakeAuthenticator,
    FakeGenerations,
    FakeReadiness,
    FakeRun,
    FakeTokenizing,
    RecordingLog,
    manners,
)
from tests.web.fakes import WebBox

KEY = "crl_student"


class Directory:
    """The cards of the box's models."""

    def __init__(self, box: WebBox):
        self._box = box

    def cards(self, caller):
        return [one.card for one in self._box.models if one.card is not None]


class SteadyClock:
    """Tells the loop's time, so that deadlines of the listener hold."""

    def now_ms(self):
        return 1_700_000_000_000

    def monotonic_s(self):
        return asyncio.get_running_loop().time()


class SpokenByHand:
    """Scripts that say what a test tells them, by model: ``say`` goes on, ``end`` ends."""

    def __init__(self):
        self._lines: dict[str, asyncio.Queue[str | None]] = {}

    def say(self, model: str, text: str) -> None:
        self._line(model).put_nowait(text)

    def end(self, model: str) -> None:
        self._line(model).put_nowait(None)

    async def script(self, run: FakeRun) -> AsyncIterator[GenerationEvent]:
        line = self._line(run.request.model)
        closed = asyncio.ensure_future(run.closed.wait())
        try:
            while (text := await _first(line.get(), closed)) is not None:
                yield TextDelta(0, text)
        finally:
            closed.cancel()
        yield ChoiceFinished(0, FinishReason.STOP)
        yield Settled(USAGE)

    def _line(self, model: str) -> "asyncio.Queue[str | None]":
        return self._lines.setdefault(model, asyncio.Queue())


async def _first(text: Awaitable[str | None], closed: "asyncio.Future[bool]") -> str | None:
    """None once the run is closed: nobody will say any more."""
    telling = asyncio.ensure_future(text)
    try:
        await asyncio.wait([telling, closed], return_when=asyncio.FIRST_COMPLETED)
        return telling.result() if telling.done() else None
    finally:
        telling.cancel()


@dataclass
class PageBox:
    """``url`` is where it answers; ``web`` and ``generations`` are what it answers from, ``sent`` all that
    left it: path, headers, body.
    """

    web: WebBox = field(default_factory=WebBox)
    generations: FakeGenerations = field(default_factory=FakeGenerations)
    log: RecordingLog = field(default_factory=RecordingLog)
    url: str = ""
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self):
        self.web.answers = PageAnswers(self.generations)
        self.web.polls = self.web.polls or NoPolls()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["PageBox"]:
        api = public_app(
            authenticator=FakeAuthenticator(),
            generations=self.generations,
            tokenizing=FakeTokenizing(),
            directory=Directory(self.web),
            readiness=FakeReadiness(),
            limits=ApiLimits(),
            log=self.log,
            manners=manners(),
            overnight=Overnight(None, None, UploadLimits(2**20, 5.0)),
            sessions=self.web.sessions,
            plain=self.web.plain,
        )
        doors = Doors(pages=self.web.app, api=api, is_page=is_page)
        listener = Listener(
            self._recorded(doors), bind=TcpBind("127.0.0.1", 0), clock=SteadyClock(), log=self.log
        )
        await listener.start()
        self.url = f"http://127.0.0.1:{listener.port}"
        try:
            yield self
        finally:
            await listener.stop(grace_s=1)

    def _recorded(self, app):
        async def recorded(scope, receive, send):
            async def send_on(message):
                told = repr(message["headers"]).encode() if "headers" in message else message.get("body", b"")
                self.sent.append((scope["path"], told))
                await send(message)

            await app(scope, receive, send_on)

        return recorded


class NoPolls:
    """Nobody votes."""

    def current(self, class_id):
        return None
