"""A body is read within its size and its time, and no further."""

import asyncio

import httpx
import pytest

from appliance.edge.bodies import BodyLimits
from appliance.edge.connections import ConnectionLimits
from tests.edge.tiny_apps import listening, measures_body, whole_answer, write_for_ever
from tests.raw_connection import connected

LIMITS = BodyLimits(most_bytes=1000, deadline_s=0.3)


async def chunks(size: int, count: int):
    for _ in range(count):
        yield b"x" * size


@pytest.mark.parametrize(
    ("size", "status"), [(0, 200), (999, 200), (1000, 200), (1001, 413), (10_000_000, 413)]
)
async def test_declared_body_is_bounded(size, status):
    async with listening(measures_body(LIMITS)) as listener, httpx.AsyncClient() as http:
        response = await http.post(f"http://127.0.0.1:{listener.port}/", content=b"x" * size)
        assert response.status_code == status


@pytest.mark.parametrize(("count", "status"), [(10, 200), (11, 413), (5_000, 413)])
async def test_chunked_body_is_bounded(count, status):
    async with listening(measures_body(LIMITS)) as listener, httpx.AsyncClient() as http:
        response = await http.post(f"http://127.0.0.1:{listener.port}/", content=chunks(100, count))
        assert response.status_code == status
        if status == 413:
            assert response.json()["error"]["code"] == "body_too_large"


async def test_too_large_a_body_is_refused_before_any_of_it_came():
    async with listening(measures_body(LIMITS)) as listener, connected(listener.port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1001\r\n\r\n")
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 10)


@pytest.mark.parametrize("length", [b"9" * 400, b"-1", b"abc", b"1e3", b"+5", b"", b"5, 6"])
async def test_senseless_length_is_a_4xx(length):
    async with listening(measures_body(LIMITS)) as listener, connected(listener.port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + length + b"\r\n\r\n")
        status = int((await asyncio.wait_for(reader.readline(), 10)).split(b" ")[1])
        assert status in {400, 408, 413}


async def test_endless_body_is_refused_and_its_connection_ends():
    limits = ConnectionLimits(linger_s=0.2)
    async with (
        listening(measures_body(LIMITS), limits=limits) as listener,
        connected(listener.port) as (reader, writer),
    ):
        writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        writing = asyncio.create_task(write_for_ever(writer, b"1000\r\n" + b"x" * 0x1000 + b"\r\n"))
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 10)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(writing, 10)


async def test_body_that_stalls_is_a_408_and_its_connection_ends():
    limits = ConnectionLimits(linger_s=0.2)
    async with (
        listening(measures_body(LIMITS), limits=limits) as listener,
        connected(listener.port) as (reader, writer),
    ):
        writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nhalf")
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert b" 408 " in answer
        assert b'"request_timeout"' in await whole_answer(reader)


async def test_compressed_body_is_refused():
    async with listening(measures_body(LIMITS)) as listener, httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{listener.port}/"
        response = await http.post(url, content=b"x", headers={"content-encoding": "gzip"})
        assert response.status_code == 400
        assert (
            await http.post(url, content=b"x", headers={"content-encoding": "identity"})
        ).status_code == 200


async def test_connection_is_used_again_after_a_refused_body():
    async with listening(measures_body(LIMITS)) as listener, connected(listener.port) as (reader, writer):
        for size, status in ((1001, b" 413 "), (5, b" 200 ")):
            head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
            writer.write(head.encode() + b"x" * size)
            answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            assert status in answer
            length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
