"""A browser's page may use the API if its origin is literally in the list, and not otherwise."""

import re
from pathlib import Path

import httpx
import pytest

import appliance
from appliance.edge.cors import EXPOSED, Cors
from appliance.edge.sessions import CSRF_HEADER
from tests.edge.tiny_apps import reply

PAGE = "https://lab.example"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-stainless-os",
}


async def needs_a_key(scope, receive, send):
    await reply(send, b"no key", 401)


def client(*origins: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Cors(needs_a_key, origins))
    return httpx.AsyncClient(transport=transport, base_url="http://box")


def cors_headers(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control")}


async def test_preflight_of_an_allowed_page_is_answered_without_a_key():
    async with client(PAGE) as http:
        response = await http.options("/v1/models", headers={"origin": PAGE, **PREFLIGHT})
    assert response.status_code == 204
    assert cors_headers(response) == {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "GET, HEAD, POST, DELETE",
        "access-control-allow-headers": PREFLIGHT["access-control-request-headers"],
        "access-control-max-age": "600",
    }
    assert response.headers["vary"] == "origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://lab.example",
        "https://lab.example:444",
        "https://lab.example.evil.example",
        "https://evillab.example",
        "https://lab-example",
        "https://LAB.example",
        "https://lab.example/",
        "null",
        "*",
        "",
    ],
)
async def test_any_other_page_gets_what_everybody_gets(origin):
    async with client(PAGE) as http:
        for response in (
            await http.options("/v1/models", headers={"origin": origin, **PREFLIGHT}),
            await http.get("/v1/models", headers={"origin": origin}),
        ):
            assert response.status_code == 401
            assert cors_headers(response) == {}
            assert response.headers["vary"] == "origin"


async def test_answers_to_an_allowed_page_can_be_read_by_it_also_errors():
    async with client(PAGE) as http:
        response = await http.get("/v1/models", headers={"origin": PAGE})
    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == PAGE
    assert response.headers["access-control-expose-headers"].split(", ") == list(EXPOSED)
    assert "access-control-allow-credentials" not in response.headers


async def test_without_a_list_there_are_no_such_headers_at_all():
    async with client() as http:
        response = await http.options("/v1/models", headers={"origin": PAGE, **PREFLIGHT})
    assert response.status_code == 401
    assert cors_headers(response) == {}
    assert "vary" not in response.headers


async def test_an_ordinary_options_request_is_no_preflight():
    async with client(PAGE) as http:
        response = await http.options("/v1/models", headers={"origin": PAGE})
    assert response.status_code == 401


async def test_strange_header_names_are_not_repeated():
    async with client(PAGE) as http:
        headers = {"origin": PAGE, **PREFLIGHT, "access-control-request-headers": "a;b"}
        response = await http.options("/v1/models", headers=headers)
    assert response.status_code == 204
    assert "access-control-allow-headers" not in response.headers


def test_every_header_of_ours_can_be_read_by_an_allowed_page():
    sources = Path(appliance.__file__).parent.rglob("*.py")
    # What the box itself sends to others is no answer.
    answering = [one for one in sources if "outbound" not in one.parts]
    ours = {name for one in answering for name in re.findall(r'"(x-carrel-[a-z-]+)"', one.read_text())}
    # That one only pages of the box itself send.
    assert ours - {CSRF_HEADER} <= set(EXPOSED)
    assert len(ours) >= 3
