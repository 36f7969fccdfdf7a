"""Stalled, overgrown and too many connections end; what is no HTTP gets a clear answer."""

import asyncio
import json
import os

import httpx
import pytest

from appliance.edge.connections import Census, ConnectionLimits
from appliance.edge.sockets import UnixBind
from tests.edge.tiny_apps import Waits, listening, says_ok, says_state, whole_answer, write_for_ever
from tests.raw_connection import connected

SHORT = ConnectionLimits(header_s=0.3, linger_s=0.2)
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def error_in(answer: bytes) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    error: dict[str, object] = json.loads(body)["error"]
    assert f"x-request-id: {error['request_id']}".encode() in head
    assert f"content-length: {len(body)}".encode() in head
    return error


@pytest.mark.parametrize("half", [b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "])
async def test_header_that_stalls_is_a_408_and_the_end(half):
    async with listening(says_ok, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(half)
        answer = await whole_answer(reader)
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert error_in(answer)["code"] == "request_timeout"


async def test_connection_that_says_nothing_is_closed():
    async with listening(says_ok, limits=SHORT) as listener, connected(listener.port) as (reader, _):
        assert await whole_answer(reader) == b""


@pytest.mark.parametrize("drip", [b"\r\n", b"X"])
async def test_dripping_bytes_after_an_answer_does_not_keep_a_connection(drip):
    async with listening(says_ok, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(REQUEST)
        await reader.readuntil(b"\r\n\r\nok")
        writer.write(drip)
        await whole_answer(reader)
        assert reader.at_eof()


async def test_second_request_on_a_connection_has_its_own_header_deadline():
    async with listening(says_ok, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(REQUEST + REQUEST[:10])
        answer = await whole_answer(reader)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b" 408 " in answer


async def test_slow_answer_is_not_hurt_by_the_header_deadline():
    app = Waits()
    async with listening(app, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(REQUEST)
        await app.entered.wait()
        asyncio.get_running_loop().call_later(2 * SHORT.header_s, app.may_go.set)
        assert b"200 OK" in await asyncio.wait_for(reader.readline(), 10)


@pytest.mark.parametrize(
    "junk",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"HELLO\r\n\r\n",
     b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
     b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
     b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"{}\r\n\r\n",
     b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"],
)  # fmt: skip
async def test_what_is_not_http_is_a_400_of_our_shape(junk):
    async with listening(says_ok, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(junk)
        answer = await whole_answer(reader)
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert error_in(answer)["code"] == "invalid_request"


@pytest.mark.parametrize(
    "head",
    [b"X-Big: " + b"a" * 33_000, b"\r\n".join(b"X-%d: %s" % (n, b"a" * 90) for n in range(400))],
)
@pytest.mark.parametrize("ended", [True, False])
async def test_header_over_its_size_is_a_431(head, ended):
    async with listening(says_ok, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + (b"\r\n\r\n" if ended else b""))
        answer = await whole_answer(reader)
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert error_in(answer)["code"] == "headers_too_large"


async def test_endless_header_is_cut_off():
    async with listening(says_ok, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nX-Big: ")
        writing = asyncio.create_task(write_for_ever(writer, b"a" * 65_536))
        assert b" 431 " in await asyncio.wait_for(reader.readline(), 10)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(writing, 10)


async def test_header_under_its_size_is_served():
    async with listening(says_ok) as listener, httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{listener.port}/"
        assert (await http.get(url, headers={"x-big": "a" * 31_000})).status_code == 200


async def test_junk_in_the_middle_of_an_answer_only_closes():
    app = Waits()
    async with listening(app, limits=SHORT) as listener, connected(listener.port) as (reader, writer):
        writer.write(REQUEST)
        await app.entered.wait()
        writer.write(b"\x00\x01 junk\r\n\r\n")
        assert await whole_answer(reader) == b""


async def test_connections_of_one_address_are_bounded_and_freed():
    limits = ConnectionLimits(most_per_address=2, linger_s=0.2)
    async with listening(says_ok, limits=limits) as listener:
        async with connected(listener.port) as (first, writer), connected(listener.port):
            writer.write(REQUEST)
            await first.readuntil(b"ok")
            async with connected(listener.port) as (third, _):
                answer = await whole_answer(third)
                assert answer.startswith(b"HTTP/1.1 503 ")
                assert error_in(answer)["code"] == "not_ready"
        async with asyncio.timeout(10), httpx.AsyncClient() as http:
            while (await http.get(f"http://127.0.0.1:{listener.port}/")).status_code != 200:
                pass


def test_census_counts_all_and_each_address():
    limits = ConnectionLimits(most_connections=3, most_per_address=2)
    census = Census()
    for address in ("a", "b"):
        census.enter(address)
    assert not census.is_over(limits, "a")
    census.enter("a")
    assert not census.is_over(limits, "a")
    census.enter("b")
    assert census.is_over(limits, "a")
    census.leave("b")
    census.enter("a")
    assert census.is_over(limits, "a")
    for address in ("a", "a", "a", "b"):
        census.leave(address)
    assert (census.total, dict(census.by_address)) == (0, {})


def test_unix_clients_are_bounded_together_only():
    census = Census()
    for _ in range(5):
        census.enter("")
    assert not census.is_over(ConnectionLimits(most_per_address=2), "")


async def test_unix_socket_tells_who_connects_and_tcp_does_not(tmp_path):
    bind = UnixBind(tmp_path / "s.sock")
    async with listening(says_state, bind=bind), listening(says_state) as tcp:
        transport = httpx.AsyncHTTPTransport(uds=str(bind.path))
        async with httpx.AsyncClient(transport=transport, base_url="http://anything") as http:
            assert (await http.get("/")).text == str(os.getuid())
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"http://127.0.0.1:{tcp.port}/")).text == "None"
