"""Without a valid key there are health and open pages; whatever stands in the header, it is never a 5xx."""

import re

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar

from appliance.api.openai.batch_lines import BatchEndpoints
from appliance.api.openai.routes import ApiLimits
from appliance.api.overnight import Overnight
from appliance.api.public import public_app, public_paths
from appliance.edge.access import Access, PageAccess
from appliance.edge.uploads import UploadLimits
from tests.api.fakes import (
    CALLER,
    KEY,
    FakeAuthenticator,
    FakeDirectory,
    FakeGenerations,
    FakeReadiness,
    FakeTokenizing,
    RecordingLog,
    manners,
)
from tests.raw_connection import connected
from tests.services.overnight_fakes import OvernightBox

PUBLIC = {"/healthz", "/readyz", "/v1/policy", "/docs", "/docs/page.css", "/openapi.json"}
BY_PASS = {"/v1/shared/weights/{sha256}"}
"""For other boxes: who shows no pass learns nothing there."""


def app_for_routes(**access: Access) -> Litestar:
    nights = OvernightBox(endpoints=BatchEndpoints(10_000))
    return public_app(
        authenticator=FakeAuthenticator(),
        generations=FakeGenerations(),
        tokenizing=FakeTokenizing(),
        directory=FakeDirectory(),
        readiness=FakeReadiness(),
        limits=ApiLimits(),
        log=RecordingLog(),
        manners=manners(**access),
        overnight=Overnight(nights.file_service, nights.service, UploadLimits(2**20)),
    )


def route_paths(app: Litestar) -> list[tuple[str, list[str]]]:
    """Every address as it is documented, with its methods."""
    return [(re.sub(r":\w+\}", "}", route.path), sorted(route.methods)) for route in app.routes]


def routes_of_the_app(**access: Access) -> list[tuple[str, str]]:
    return [(path, method) for path, methods in route_paths(app_for_routes(**access)) for method in methods]


def test_walk_covers_the_routes_that_matter():
    walked = routes_of_the_app()
    assert ("/v1/chat/completions", "POST") in walked
    assert ("/v1/completions", "POST") in walked
    assert ("/v1/models", "GET") in walked
    assert len(walked) >= 10


@pytest.mark.parametrize(("path", "method"), routes_of_the_app())
async def test_route_without_a_key_is_a_401_unless_it_is_public(served, error_of, path, method):
    del served.http.headers["authorization"]
    response = await served.http.request(method, re.sub(r"\{\w+\}", "tiny", path), content=b"{")
    if path in PUBLIC:
        assert response.status_code in {200, 204}
    elif path in BY_PASS:
        assert response.status_code in {404, 204}
    else:
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        if path.startswith("/v1/messages"):
            assert response.json()["error"]["type"] == "authentication_error"
        else:
            assert error_of(response)["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    ("access", "public"),
    [
        ({}, PUBLIC),
        ({"docs": "key"}, {"/healthz", "/readyz", "/v1/policy"}),
        ({"docs": "off", "metrics": "off"}, {"/healthz", "/readyz", "/v1/policy"}),
        ({"metrics": "open"}, {*PUBLIC, "/metrics"}),
        ({"metrics": "loopback"}, {*PUBLIC, "/metrics"}),
    ],
)
def test_public_are_health_and_the_pages_that_the_settings_open(access, public):
    routes = {path for path, _ in routes_of_the_app(**access)}
    assert set(public_paths(PageAccess(**access))) & routes == public | BY_PASS
    assert ("/metrics" in routes) == (access.get("metrics") != "off")
    assert ("/docs" in routes) == (access.get("docs") != "off")


@pytest.mark.parametrize("page_access", [{"docs": "key", "metrics": "key"}])
async def test_pages_with_a_key_are_closed_to_those_without_one(served, page_access):
    for path in ("/docs", "/openapi.json", "/metrics"):
        assert (await served.http.get(path)).status_code == 200
    del served.http.headers["authorization"]
    for path in ("/docs", "/openapi.json", "/metrics"):
        assert (await served.http.get(path)).status_code == 401


@pytest.mark.parametrize("page_access", [{"docs": "loopback", "metrics": "loopback"}])
async def test_pages_for_this_machine_are_closed_to_what_a_proxy_passes_on(served, error_of, page_access):
    del served.http.headers["authorization"]
    for path in ("/docs", "/metrics"):
        assert (await served.http.get(path)).status_code == 200
        response = await served.http.get(path, headers={"x-forwarded-for": "10.0.0.7"})
        assert response.status_code == 403
        assert error_of(response)["code"] == "not_allowed"


@pytest.mark.parametrize("page_access", [{"docs": "off", "metrics": "off"}])
async def test_pages_that_are_off_are_not_there(served, page_access):
    for path in ("/docs", "/openapi.json", "/metrics"):
        assert (await served.http.get(path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["//v1/models", "/v1//models", "/v1/models/", "/healthz/../v1/models", "/v1/models?x=/healthz"]
)
async def test_other_spellings_of_a_path_do_not_get_around_the_key(served, path):
    del served.http.headers["authorization"]
    request = served.http.build_request("GET", f"http://127.0.0.1:{served.port}{path}")
    request.url = request.url.copy_with(raw_path=path.encode())
    assert (await served.http.send(request)).status_code in {401, 404}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY}"},
        {"authorization": f"BEARER {KEY}"},
        {"authorization": f'Bearer "{KEY}"'},
        {"x-api-key": KEY},
        {"authorization": f"Bearer {KEY}", "x-api-key": "another"},
    ],
)
async def test_key_is_taken_from_either_header(served, headers):
    del served.http.headers["authorization"]
    response = await served.http.post(
        "/v1/completions", json={"model": "tiny", "prompt": "x"}, headers=headers
    )
    assert response.status_code == 200
    assert served.box.callers == [CALLER]


@pytest.mark.parametrize(
    "headers",
    [
        [("authorization", "Bearer")],
        [("authorization", f"Basic {KEY}")],
        [("authorization", KEY)],
        [("authorization", f"Bearer {KEY} {KEY}")],
        [("authorization", f"Bearer {KEY}x")],
        [("authorization", f"Bearer {KEY}"), ("authorization", f"Bearer {KEY}")],
        [("x-api-key", KEY), ("x-api-key", KEY)],
        [("x-api-key", "")],
        [("authorization", "Bearer wrong"), ("x-api-key", KEY)],
    ],
)
async def test_what_is_not_one_valid_key_is_a_401(served, headers):
    del served.http.headers["authorization"]
    response = await served.http.get("/v1/models", headers=headers)
    assert response.status_code == 401
    assert KEY not in response.text


async def status_of_raw(port: int, header: bytes) -> int:
    """Send a header's value as raw bytes and return the status; 0 where the connection just closed."""
    async with connected(port) as (reader, writer):
        writer.write(
            b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + header + b"\r\n\r\n"
        )
        line = await reader.readline()
    return int(line.split(b" ")[1]) if line.startswith(b"HTTP/1.1 ") else 0


NASTY = [
    b"\x00", b"a\x00b", b"\xff\xfe\xfd", "schl\u00fcssel\U0001f511".encode(), b"' OR 1=1 --",
    b'"; DROP TABLE keys; --', b"%00", b"crl_" + b"A" * 64_000, b"A" * 30_000, b"\t", b"a\rb", b"a\nb",
    b"a\r\nx-api-key: b", b"\x7f", b"{}", b"Bearer " * 100, b"", b" ",
]  # fmt: skip


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize("name", [b"Authorization: Bearer ", b"Authorization: ", b"X-Api-Key: "])
async def test_nasty_key_is_refused_cleanly(served, name, value):
    assert await status_of_raw(served.port, name + value) in {400, 401, 431}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode)))
async def test_any_key_is_refused_cleanly(served, value):
    # A blank line in the value ends the request, and what follows it is another request.
    header = b"Authorization: Bearer " + value.replace(b"\n\r\n", b"").replace(b"\n\n", b"")
    assert await status_of_raw(served.port, header) in {400, 401, 431}


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode)))
async def test_any_of_5000_keys_is_refused_cleanly(served, value):
    header = b"Authorization: Bearer " + value.replace(b"\n\r\n", b"").replace(b"\n\n", b"")
    assert await status_of_raw(served.port, header) in {400, 401, 431}


async def test_key_check_comes_before_the_body(served):
    del served.http.headers["authorization"]
    response = await served.http.post("/v1/chat/completions", content=b"[" * 100_000)
    assert response.status_code == 401


async def test_foreign_host_name_is_refused_and_forwarded_ones_are_not_read(served, error_of):
    url = f"http://127.0.0.1:{served.port}/v1/models"
    response = await served.http.get(url, headers={"host": "evil.example"})
    assert response.status_code == 400
    assert error_of(response)["code"] == "invalid_request"
    forwarded = {"host": "evil.example", "x-forwarded-host": "127.0.0.1", "x-forwarded-for": "127.0.0.1"}
    assert (await served.http.get(url, headers=forwarded)).status_code == 400
    forwarded = {
        "x-forwarded-host": "evil.example",
        "forwarded": "host=evil.example",
        "x-forwarded-proto": "https",
    }
    assert (await served.http.get(url, headers=forwarded)).status_code == 200


async def test_localhost_and_tunneled_ports_are_known_hosts(served):
    url = f"http://127.0.0.1:{served.port}/healthz"
    for host in ("localhost", "localhost:9999", "127.0.0.1:9999", "[::1]:7411", "LOCALHOST."):
        async with httpx.AsyncClient() as http:
            assert (await http.get(url, headers={"host": host})).status_code == 200, host
