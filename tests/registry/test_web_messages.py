"""Messages over HTTP: the desk's answer as it is, problems by their names, and limits at all."""

import asyncio
import threading

import httpx
import msgspec
import pytest

from appliance.edge.bodies import BodyLimits
from appliance.errors import StorageUnavailable
from appliance.federation.protocol.kinds import PATHS
from appliance.federation.protocol.limits import MESSAGE_BYTES
from appliance.federation.protocol.replies import Problem, Reply
from appliance.registry.web.hands import Hands
from tests.raw_connection import connected
from tests.registry.web_registries import JOSE, FakeDesk, refuses, web


def problem(response: httpx.Response) -> Problem:
    assert response.headers["content-type"] == "application/problem+json"
    found = msgspec.json.decode(response.content, type=Problem)
    assert found.status == response.status_code
    return found


@pytest.mark.parametrize(("kind", "path"), PATHS.items())
async def test_each_kind_has_its_address_and_each_reply_a_nonce(kind, path):
    desk = FakeDesk()
    async with web(desk) as http:
        response = await http.post(path, content="a.b.c", headers=JOSE)
    assert response.status_code == (201 if kind == "enroll+jws" else 200)
    assert msgspec.json.decode(response.content, type=Reply) == Reply(re="msg_1")
    assert desk.heard == [("a.b.c", "proof", path, "127.0.0.1")]
    assert response.headers["replay-nonce"].startswith("nonce-of-the-desk")
    assert response.headers["cache-control"] == "no-store"


async def test_a_box_that_enrolls_again_is_told_nothing_new_was_made():
    async with web(FakeDesk(lambda _token: Reply(re="msg_1", duplicate=True))) as http:
        assert (await http.post("v1/enroll", content="a.b.c", headers=JOSE)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_nonce_is_had_by_asking(method):
    async with web() as http:
        first, second = [await http.request(method, "v1/nonce") for _ in range(2)]
    assert first.status_code == 204
    assert first.headers["replay-nonce"] != second.headers["replay-nonce"]


@pytest.mark.parametrize(
    ("name", "status"), [("bad-nonce", 400), ("unknown-box", 401), ("fork", 409), ("records-hash", 422)]
)
async def test_a_refusal_is_a_problem_with_a_nonce_for_the_next_try(name, status):
    async with web(refuses(name, seq=7)) as http:
        response = await http.post("v1/usage", content="a.b.c", headers=JOSE)
    assert (problem(response).name, response.status_code, problem(response).seq) == (name, status, 7)
    assert problem(response).retryable == (name == "bad-nonce")
    assert "replay-nonce" in response.headers


async def test_429_carries_retry_after():
    async with web(refuses("rate", retry_after_s=17)) as http:
        response = await http.post("v1/usage", content="a.b.c", headers=JOSE)
    assert (response.status_code, response.headers["retry-after"]) == (429, "17")
    assert problem(response).retryable


async def test_a_database_that_cannot_write_is_maintenance():
    def fails(_token):
        raise StorageUnavailable("disk")

    async with web(FakeDesk(fails)) as http:
        response = await http.post("v1/usage", content="a.b.c", headers=JOSE)
    assert (response.status_code, problem(response).name) == (503, "maintenance")
    assert "disk" not in response.text
    assert int(response.headers["retry-after"]) > 0


async def test_what_breaks_is_told_without_its_words():
    def breaks(_token):
        raise RuntimeError("/secret/path")

    async with web(FakeDesk(breaks)) as http:
        response = await http.post("v1/usage", content="a.b.c", headers=JOSE)
    assert (response.status_code, problem(response).type) == (500, "about:blank")
    assert "secret" not in response.text


async def test_huge_body_is_refused_before_it_is_read():
    async with web() as http:
        port = http.base_url.port
        response = await http.post("v1/usage", content=b"x" * (MESSAGE_BYTES + 1), headers=JOSE)
        assert (response.status_code, problem(response).name) == (413, "too-large")
        async with connected(port) as (reader, writer):
            writer.write(
                b"POST /v1/usage HTTP/1.1\r\nhost: 127.0.0.1\r\ncarrel-proof: p\r\n"
                b"content-type: application/jose\r\ncontent-length: 99999999\r\n\r\n"
            )
            assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)


async def test_slow_body_is_ended():
    async with web(limits=BodyLimits(1000, 0.05)) as http, connected(http.base_url.port) as (reader, writer):
        writer.write(
            b"POST /v1/usage HTTP/1.1\r\nhost: 127.0.0.1\r\ncarrel-proof: p\r\n"
            b"content-type: application/jose\r\ncontent-length: 10\r\n\r\nab"
        )
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 5)


@pytest.mark.parametrize(
    ("headers", "content", "name"),
    [
        ({"content-type": "application/json", "carrel-proof": "p"}, "a.b.c", "wrong-type"),
        ({"content-type": "application/jose"}, "a.b.c", "bad-nonce"),
        (JOSE, "ä".encode(), "bad-signature"),
    ],
)
async def test_what_is_no_message_never_reaches_the_desk(headers, content, name):
    desk = FakeDesk()
    async with web(desk) as http:
        assert problem(await http.post("v1/usage", content=content, headers=headers)).name == name
    assert desk.heard == []


async def test_other_addresses_methods_and_hosts_are_refused():
    async with web() as http:
        assert problem(await http.get("v1/unknown")).status == 404
        wrong = await http.get("v1/usage")
        assert (problem(wrong).status, wrong.headers["allow"]) == (405, "POST, OPTIONS")
        assert (await http.get("v1/nonce", headers={"host": "evil.example"})).status_code == 400


async def test_a_crowd_waits_in_a_line_that_has_an_end():
    entered, leave = threading.Semaphore(0), threading.Event()

    def slow(_token):
        entered.release()
        leave.wait(5)
        return Reply(re="msg_1")

    def sent(http):
        return asyncio.create_task(http.post("v1/usage", content="a.b.c", headers=JOSE))

    async with web(FakeDesk(slow), hands=Hands(threads=1, most_waiting=1)) as http:
        first = sent(http)
        await asyncio.to_thread(entered.acquire)
        (refused,), (waiting,) = await asyncio.wait({sent(http), sent(http)}, return_when="FIRST_COMPLETED")
        late = refused.result()
        assert (problem(late).name, late.headers["retry-after"]) == ("rate", "5")
        leave.set()
        assert [(await one).status_code for one in (first, waiting)] == [200, 200]
        assert (await sent(http)).status_code == 200


async def test_hints_name_every_address():
    async with web() as http:
        hints = (await http.get(".well-known/carrel-registry")).json()
    assert hints["paths"] == PATHS
    assert (hints["registry"], hints["versions"], hints["message_bytes"]) == ("central", [1], MESSAGE_BYTES)
