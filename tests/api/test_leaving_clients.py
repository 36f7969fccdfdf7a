"""A client that leaves, or stops reading, or never suspends its stream, holds nothing and nobody up."""

import asyncio
import json
import socket
import time
from contextlib import AsyncExitStack

import pytest

from appliance.api.openai.routes import ApiLimits
from appliance.edge.connections import ConnectionLimits
from tests.api.fakes import KEY, FakeGenerations, answers, floods, stalls_after
from tests.raw_connection import connected

DEADLINE_S = 10


def request_bytes(*, stream: bool) -> bytes:
    messages = [{"role": "user", "content": "Hi"}]
    body = json.dumps({"model": "tiny", "messages": messages, "stream": stream}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def test_leaving_a_stream_closes_its_run(served):
    served.box.script = stalls_after("Hel")
    async with connected(served.port) as (reader, writer):
        writer.write(request_bytes(stream=True))
        await reader.readuntil(b'"Hel"')
        run = served.box.runs[0]
        assert not run.closed.is_set()
    await asyncio.wait_for(run.closed.wait(), DEADLINE_S)
    assert not served.log.lines


async def test_leaving_before_a_whole_answer_closes_its_run(served):
    served.box.script = stalls_after("Hel")
    async with connected(served.port) as (_, writer):
        writer.write(request_bytes(stream=False))
        await asyncio.wait_for(served.box.running.wait(), DEADLINE_S)
    await asyncio.wait_for(served.box.runs[0].closed.wait(), DEADLINE_S)
    assert not served.log.lines


@pytest.mark.parametrize("stream", [False, True])
async def test_leaving_while_the_prompt_is_prepared_gives_it_up(served, stream):
    served.box.prepared = asyncio.Event()
    async with connected(served.port) as (_, writer):
        writer.write(request_bytes(stream=stream))
        await asyncio.wait_for(served.box.started.wait(), DEADLINE_S)
    await asyncio.wait_for(served.box.given_up.wait(), DEADLINE_S)
    assert not served.box.runs


@pytest.mark.parametrize("stream", [False, True])
async def test_leaving_at_the_moment_of_acceptance_leaves_no_run_behind(served, stream):
    served.box.script = stalls_after()
    for _ in range(30):
        served.box.prepared, served.box.started = asyncio.Event(), asyncio.Event()
        served.box.given_up = asyncio.Event()
        runs = len(served.box.runs)
        async with connected(served.port) as (_, writer):
            writer.write(request_bytes(stream=stream))
            await asyncio.wait_for(served.box.started.wait(), DEADLINE_S)
            served.box.prepared.set()
        async with asyncio.timeout(DEADLINE_S):
            while not served.box.given_up.is_set() and len(served.box.runs) == runs:
                await asyncio.sleep(0)
            if len(served.box.runs) > runs:
                await served.box.runs[-1].closed.wait()


async def test_box_goes_on_serving_after_clients_left(served):
    served.box.script = stalls_after("Hel")
    for _ in range(20):
        async with connected(served.port) as (reader, writer):
            writer.write(request_bytes(stream=True))
            await reader.readuntil(b'"Hel"')
    for run in served.box.runs:
        await asyncio.wait_for(run.closed.wait(), DEADLINE_S)
    served.box.script = answers("fine")
    assert (await served.chat()).status_code == 200


class TestShortWriteDeadline:
    @pytest.fixture
    def connection_limits(self) -> ConnectionLimits:
        return ConnectionLimits(write_s=0.3)

    @pytest.fixture
    def box(self) -> FakeGenerations:
        return FakeGenerations(script=floods(2_000_000, "x" * 2_000))

    async def test_stream_that_nobody_reads_ends_at_the_write_deadline(self, served):
        loop = asyncio.get_running_loop()
        with socket.socket() as unread:
            unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            unread.setblocking(False)
            await loop.sock_connect(unread, ("127.0.0.1", served.port))
            await loop.sock_sendall(unread, request_bytes(stream=True))
            await asyncio.wait_for(served.box.running.wait(), DEADLINE_S)
            run = served.box.runs[0]
            await asyncio.wait_for(run.closed.wait(), DEADLINE_S)
            assert run.told < 1_000_000


async def test_stream_that_never_suspends_stops_nobody_else(served):
    served.box.script = floods(100_000, "x")
    slowest_s = 0.0
    async with AsyncExitStack() as streams:
        for _ in range(3):
            reader, writer = await streams.enter_async_context(connected(served.port))
            writer.write(request_bytes(stream=True))
            await reader.readuntil(b'"x"')
            swallowing = asyncio.create_task(swallow(reader))
            streams.callback(swallowing.cancel)
        for _ in range(10):
            began = time.perf_counter()
            assert (await served.http.get("/healthz")).status_code == 200
            slowest_s = max(slowest_s, time.perf_counter() - began)
    assert max(run.told for run in served.box.runs) < 100_000
    assert slowest_s < 2


async def swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


class TestShortPing:
    @pytest.fixture
    def limits(self) -> ApiLimits:
        return ApiLimits(ping_s=0.05)

    async def test_silent_stream_pings(self, served):
        served.box.script = stalls_after("Hel")
        async with connected(served.port) as (reader, writer):
            writer.write(request_bytes(stream=True))
            await reader.readuntil(b'"Hel"')
            for _ in range(3):
                await asyncio.wait_for(reader.readuntil(b": ping\n\n"), DEADLINE_S)
