"""The public app on a real socket of 127.0.0.1, over a scripted box."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx
import pytest

from appliance.api.openai.batch_lines import BatchEndpoints
from appliance.api.openai.routes import ApiLimits
from appliance.edge.access import Access
from appliance.edge.bodies import BodyLimits
from appliance.edge.connections import ConnectionLimits
from appliance.edge.listening import Listener
from appliance.edge.sessions import NoSessions
from appliance.edge.sockets import TcpBind
from appliance.edge.ways import PrivateOnly
from appliance.services.files import FileLimits
from tests.api.fakes import (
    KEY,
    FakeAccounts,
    FakeClock,
    FakeGenerations,
    FakeLicenses,
    FakeReadiness,
    FakeReports,
    FakeTokenizing,
    Noted,
    RecordingLog,
    no_guard,
)
from tests.api.pooled_app import PooledApp, pooled_app
from tests.no_certificates import NO_CERTIFICATES
from tests.services.overnight_fakes import OvernightBox

BODY_BYTES = 2**20


@dataclass
class Served:
    """The running app and what it was built from."""

    box: FakeGenerations
    readiness: FakeReadiness
    tokenizing: FakeTokenizing
    log: RecordingLog
    port: int
    http: httpx.AsyncClient
    reports: FakeReports
    noted: Noted

    async def chat(self, **fields: object) -> httpx.Response:
        body = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}], **fields}
        return await self.http.post("/v1/chat/completions", json=body)

    async def complete(self, **fields: object) -> httpx.Response:
        return await self.http.post("/v1/completions", json={"model": "tiny", "prompt": "Hi", **fields})

    async def score(self, *items: object, **fields: object) -> httpx.Response:
        return await self.http.post("/v1/score", json={"model": "tiny", "items": items, **fields})

    async def post_raw(self, body: bytes, path: str = "/v1/chat/completions") -> httpx.Response:
        return await self.http.post(path, content=body)


@pytest.fixture
def box() -> FakeGenerations:
    return FakeGenerations()


@pytest.fixture
def limits() -> ApiLimits:
    return ApiLimits(body=BodyLimits(most_bytes=BODY_BYTES), prompt_bytes=10_000)


@pytest.fixture
def page_access() -> dict[str, Access]:
    """Who may read documentation and metrics, where a test says otherwise than the settings' defaults."""
    return {}


@pytest.fixture
def guard() -> Callable[..., object]:
    """What judges texts, where a test has something that does."""
    return no_guard


@pytest.fixture
async def nights() -> AsyncIterator[OvernightBox]:
    """What files and batches are kept in and answered by."""
    box = OvernightBox(
        endpoints=BatchEndpoints(10_000),
        limits=FileLimits(file_bytes=3 * 2**20, person_bytes=2**23),
        most_line_bytes=100_000,
    )
    yield box
    await box.service.close()


@pytest.fixture
def connection_limits() -> ConnectionLimits:
    return ConnectionLimits()


@pytest.fixture
def pooled(limits: ApiLimits, page_access: dict[str, Access], guard: Callable[..., object]) -> PooledApp:
    found = pooled_app(limits, page_access)
    found.guards = guard
    return found


@pytest.fixture
async def served(
    box: FakeGenerations, connection_limits: ConnectionLimits, nights: OvernightBox, pooled: PooledApp
) -> AsyncIterator[Served]:
    readiness, tokenizing, log = FakeReadiness(), FakeTokenizing(), RecordingLog()
    pooled.box.stand_for(box)
    pooled.tokenizing.stand_for(tokenizing)
    pooled.readiness.stand_for(readiness)
    pooled.log.stand_for(log)
    reports = FakeReports()
    pooled.reports.stand_for(reports)
    pooled.accounts.stand_for(FakeAccounts())
    pooled.licenses.stand_for(FakeLicenses())
    pooled.files.stand_for(nights.file_service)
    pooled.batches.stand_for(nights.service)
    pooled.sessions.stand_for(NoSessions())
    pooled.plain.stand_for(PrivateOnly())
    noted = Noted()
    pooled.noting.stand_for(noted)
    listener = Listener(
        pooled.app, bind=TcpBind("127.0.0.1", 0), clock=FakeClock(), log=log, limits=connection_limits
    )
    await listener.start()
    url = f"http://127.0.0.1:{listener.port}"
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, verify=NO_CERTIFICATES) as http:
        yield Served(box, readiness, tokenizing, log, listener.port, http, reports, noted)
    await listener.stop(grace_s=1)


@pytest.fixture
def error_of() -> Callable[[httpx.Response], dict[str, object]]:
    """The error object of an answer, after checking that it has exactly its five keys."""

    def check(response: httpx.Response) -> dict[str, object]:
        error: dict[str, object] = response.json()["error"]
        assert set(error) == {"message", "type", "param", "code", "request_id"}
        assert error["request_id"] == response.headers["x-request-id"]
        return error

    return check
