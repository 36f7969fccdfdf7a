"""The loop of these tests jumps over waits that only the clock ends, and over no others."""

import asyncio
import socket
import sys
import threading
import time


async def test_whoever_sleeps_wakes_in_order_and_at_once():
    woken: list[float] = []

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append(seconds)

    loop = asyncio.get_running_loop()
    began, began_s = time.monotonic(), loop.time()
    await asyncio.gather(*(sleep(one) for one in (300.0, 100.0, 200.0)))
    assert woken == [100.0, 200.0, 300.0]
    assert loop.time() - began_s >= 300
    assert time.monotonic() - began < 100


async def test_a_thread_is_waited_for_and_time_does_not_run_away_meanwhile():
    let = threading.Event()
    working = asyncio.get_running_loop().run_in_executor(None, let.wait)
    began = time.monotonic()
    await asyncio.sleep(0.05)
    assert time.monotonic() - began >= 0.04
    let.set()
    async with asyncio.timeout(60):
        assert await working


async def test_a_socket_is_waited_for_and_time_does_not_run_away_meanwhile():
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    began = time.monotonic()
    await asyncio.sleep(0.05)
    assert time.monotonic() - began >= 0.04
    theirs.sendall(b"x")
    async with asyncio.timeout(60):
        assert await reader.readexactly(1) == b"x"
    writer.close()
    await writer.wait_closed()
    theirs.close()


async def test_a_program_is_waited_for_when_it_has_nothing_more_to_say():
    words = (sys.executable, "-c", "import os, time; os.close(1); time.sleep(0.2)")
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        assert await process.stdout.read() == b""
        assert await process.wait() == 0
