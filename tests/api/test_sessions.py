"""A browser's session at the API: no route changes anything without its token, from another page, under
another host, or with what was sent in the clear.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from litestar.types import ASGIApp

from appliance.api.public import public_paths
from appliance.domain.people import Caller
from appliance.edge.access import PageAccess
from appliance.edge.cors import Cors
from appliance.edge.heads import HeadsAsGets
from appliance.edge.hosts import HostCheck, Hosts
from appliance.edge.last_resort import LastResort
from appliance.edge.request_ids import RequestIds
from appliance.edge.sessions import COOKIE, CSRF_HEADER, SECURE_COOKIE, csrf_token
from appliance.errors import NotAllowed, NotAuthenticated
from tests.api.fakes import CALLER, KEY, RecordingLog
from tests.api.test_access import app_for_routes, route_paths

SECRET = "s" * 43
HERE = ("10.0.4.20", 50_000)
BOX = "10.0.4.7"
PAGE = "https://lab.example"
TOKEN = {CSRF_HEADER: csrf_token(SECRET)}
CHANGING = [
    (path, method)
    for path, methods in route_paths(app_for_routes(metrics="open"))
    for method in methods
    if method not in {"GET", "HEAD", "OPTIONS"}
]
"""Every route of the public app that is not for reading, as its own table of routes has them."""


@dataclass
class OneSession:
    """A session that began over TLS, unless it is told otherwise."""

    secure: bool = True
    asked: list[tuple[bool, str]] = field(default_factory=list)

    async def caller(self, cookie: str, *, secure: bool, address: str) -> Caller:
        self.asked.append((secure, address))
        if cookie != SECRET or (self.secure and not secure):
            raise NotAuthenticated("Sign in again.")
        return CALLER


@dataclass
class Plain:
    """Admits the keys it is told of."""

    admitted: set[str] = field(default_factory=set)

    def check(self, caller: Caller) -> None:
        if caller.key_id not in self.admitted:
            raise NotAllowed("This key was sent in the clear and is not accepted here.")


@pytest.fixture
def sessions() -> OneSession:
    return OneSession()


@pytest.fixture
def plain() -> Plain:
    return Plain()


@pytest.fixture
def app(served, pooled, sessions: OneSession, plain: Plain) -> ASGIApp:
    """As a listener has it, for a box at ``BOX``."""
    pooled.sessions.stand_for(sessions)
    pooled.plain.stand_for(plain)
    within = HostCheck(Cors(pooled.app, [PAGE]), Hosts(bound_to=BOX))
    return RequestIds(LastResort(HeadsAsGets(within), RecordingLog()))


def client_of(app: ASGIApp, scheme: str) -> httpx.AsyncClient:
    """Of somebody elsewhere on the network."""
    transport = httpx.ASGITransport(app, client=HERE)
    return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{BOX}:7443")


@pytest.fixture
async def browser(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in over TLS."""
    async with client_of(app, "https") as http:
        http.cookies.set(SECURE_COOKIE, SECRET)
        yield http


@pytest.fixture
async def in_the_clear(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, "http") as http:
        yield http


def address(path: str) -> str:
    return re.sub(r"\{\w+\}", "tiny", path)


def test_there_are_routes_that_change_things():
    assert len(CHANGING) >= 20
    assert ("/v1/chat/completions", "POST") in CHANGING
    assert any(path.startswith("/v1/projects/{project}/") for path, _ in CHANGING)
    assert not {path for path, _ in CHANGING} & set(public_paths(PageAccess()))


@pytest.mark.parametrize(("path", "method"), CHANGING)
async def test_no_route_changes_anything_without_the_token_or_from_elsewhere(
    browser, served, error_of, path, method
):
    refused = [
        await browser.request(method, address(path), content=b"{}"),
        await browser.request(method, address(path), content=b"{}", headers={CSRF_HEADER: "a" * 43}),
        await browser.request(method, address(path), content=b"{}", headers={CSRF_HEADER: SECRET}),
        await browser.request(method, address(path), content=b"{}", headers={**TOKEN, "origin": PAGE}),
        await browser.request(method, address(path), content=b"{}", headers={**TOKEN, "origin": "null"}),
    ]
    assert {one.status_code for one in refused} == {403}
    wrong_host = await browser.request(
        method, address(path), content=b"{}", headers={**TOKEN, "host": "evil.example"}
    )
    assert wrong_host.status_code == 400
    assert served.box.callers == []
    if not path.startswith("/v1/messages"):
        assert {error_of(one)["code"] for one in refused} == {"not_allowed"}


@pytest.mark.parametrize(("path", "method"), CHANGING)
async def test_no_route_is_reached_in_the_clear_by_a_key_that_is_not_for_it(
    in_the_clear, served, path, method
):
    headers = {"authorization": f"Bearer {KEY}"}
    refused = await in_the_clear.request(method, address(path), content=b"{}", headers=headers)
    assert refused.status_code == 403
    assert "in the clear" in refused.text
    assert KEY not in refused.text
    assert KEY not in str(refused.headers)
    assert served.box.callers == []


async def test_with_its_token_a_session_asks_models(browser, served):
    body = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}]}
    for headers in (TOKEN, {**TOKEN, "origin": f"https://{BOX}:7443"}):
        response = await browser.post("/v1/chat/completions", json=body, headers=headers)
        assert response.status_code == 200
    assert served.box.callers == [CALLER, CALLER]
    assert {one.address for one in served.box.callers} == {HERE[0]}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_reading_needs_no_token(browser, method):
    assert (await browser.request(method, "/v1/models")).status_code == 200
    response = await browser.request(method, "/v1/models", headers={"origin": "https://evil.example"})
    assert response.status_code == 403


async def test_a_page_that_may_use_the_api_by_key_does_not_get_sessions(browser):
    """CORS lets it send keys; a browser sends it no cookie, and where one came along it is refused."""
    preflight = {
        "origin": PAGE,
        "access-control-request-method": "POST",
        "access-control-request-headers": CSRF_HEADER,
    }
    answers = [
        await browser.options("/v1/chat/completions", headers=preflight),
        await browser.get("/v1/models", headers={"origin": PAGE}),
        await browser.post("/v1/chat/completions", json={}, headers={"origin": PAGE, **TOKEN}),
    ]
    assert [one.status_code for one in answers] == [204, 403, 403]
    assert all("access-control-allow-credentials" not in one.headers for one in answers)


async def test_a_session_of_tls_that_somebody_stole_is_not_good_in_the_clear(in_the_clear, plain):
    plain.admitted.add(CALLER.key_id)
    for name in (COOKIE, SECURE_COOKIE):
        response = await in_the_clear.get("/v1/models", headers={"cookie": f"{name}={SECRET}"})
        assert response.status_code == 401
        assert SECRET not in response.text


async def test_a_session_in_the_clear_is_good_where_its_key_is(in_the_clear, sessions, plain):
    sessions.secure = False
    headers = {"cookie": f"{COOKIE}={SECRET}"}
    assert (await in_the_clear.get("/v1/models", headers=headers)).status_code == 403
    plain.admitted.add(CALLER.key_id)
    assert (await in_the_clear.get("/v1/models", headers=headers)).status_code == 200
    assert (await in_the_clear.post("/v1/completions", json={}, headers=headers)).status_code == 403
    assert {secure for secure, _ in sessions.asked} == {False}


async def test_a_key_is_answered_in_the_clear_where_the_rule_says_so(in_the_clear, plain):
    headers = {"authorization": f"Bearer {KEY}"}
    assert (await in_the_clear.get("/v1/models", headers=headers)).status_code == 403
    plain.admitted.add(CALLER.key_id)
    assert (await in_the_clear.get("/v1/models", headers=headers)).status_code == 200


async def test_what_needs_no_key_is_answered_in_the_clear(in_the_clear):
    for path in ("/healthz", "/v1/policy", "/docs"):
        assert (await in_the_clear.get(path)).status_code == 200


async def test_a_cookie_that_the_client_chose_is_never_taken_up(browser, sessions):
    browser.cookies.set(SECURE_COOKIE, "t" * 43)
    response = await browser.get("/v1/models")
    assert response.status_code == 401
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "value",
    [
        b"", b"=", b"x", b"s" * 44, b"s" * 20_000, b"\xff\xfe", b"' OR 1=1 --", b'"' + b"s" * 43 + b'"',
        SECRET.encode() + b"; __Host-carrel_session=" + SECRET.encode(),
        SECRET.encode() + b"; __Host-carrel_session=" + b"t" * 43,
    ],
    ids=range(10),
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
async def test_a_malformed_doubled_or_huge_cookie_is_refused_cleanly(app, served, value, method):
    headers = [(b"cookie", SECURE_COOKIE.encode() + b"=" + value), (CSRF_HEADER.encode(), b"\xff")]
    async with client_of(app, "https") as http:
        response = await http.request(method, "/v1/files/tiny", headers=headers)
    assert response.status_code in {401, 403}
    assert served.box.callers == []


async def test_two_cookie_headers_of_the_session_are_refused(app):
    headers = [(b"cookie", f"{SECURE_COOKIE}={SECRET}".encode())] * 2
    async with client_of(app, "https") as http:
        assert (await http.get("/v1/models", headers=headers)).status_code == 401


async def test_a_key_beside_the_session_wins(browser, served):
    headers = {"authorization": f"Bearer {KEY}"}
    body = {"model": "tiny", "prompt": "x"}
    assert (await browser.post("/v1/completions", json=body, headers=headers)).status_code == 200
    wrong = {"authorization": "Bearer crl_wrong", **TOKEN}
    assert (await browser.post("/v1/completions", json=body, headers=wrong)).status_code == 401
    assert len(served.box.callers) == 1
