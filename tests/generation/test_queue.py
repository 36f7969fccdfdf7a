"""One queue: first come first served within a model, never more than a source has room for."""

import asyncio

import pytest

from appliance.domain.generation import Sampling
from appliance.engines.base import Generate
from appliance.errors import ModelNotRunning
from appliance.services.queue import DispatchQueue
from tests.generation.fakes import FakeSource

GREEDY = Sampling(0.0, 1.0, 0, 0.0, 0)


def work(number: int, kv_tokens: int = 10) -> Generate:
    return Generate(number, (1,), kv_tokens - 1, GREEDY)


@pytest.fixture
def queue() -> DispatchQueue:
    return DispatchQueue(limit=100)


@pytest.fixture
def source(queue: DispatchQueue) -> FakeSource:
    source = FakeSource(sequences=1, kv_tokens=100)
    source.on_change = queue.wake
    return source


async def test_who_came_first_goes_first(queue: DispatchQueue, source: FakeSource):
    waits = [asyncio.ensure_future(queue.dispatch("m", work(n), [source])) for n in range(5)]
    async with asyncio.timeout(5):
        for n in range(5):
            stream = await waits[n]
            assert stream.work.id == n
            assert len(source.open_now) == 1
            source.leave(stream)


async def test_a_source_is_never_sent_more_than_it_has_room_for(queue: DispatchQueue):
    source = FakeSource(sequences=10, kv_tokens=35)
    source.on_change = queue.wake
    waits = [asyncio.ensure_future(queue.dispatch("m", work(n, 10), [source])) for n in range(6)]
    await asyncio.wait(waits, timeout=0.05)
    assert len(source.open_now) == 3
    assert queue.waiting == 3
    for wait in waits:
        wait.cancel()
    await asyncio.wait(waits)
    assert queue.waiting == 0


async def test_a_big_request_at_the_head_is_not_overtaken(queue: DispatchQueue):
    source = FakeSource(sequences=10, kv_tokens=30)
    source.on_change = queue.wake
    first = await queue.dispatch("m", work(1, 20), [source])
    big = asyncio.ensure_future(queue.dispatch("m", work(2, 30), [source]))
    small = asyncio.ensure_future(queue.dispatch("m", work(3, 5), [source]))
    await asyncio.wait([big, small], timeout=0.05)
    assert not big.done()
    assert not small.done()
    source.leave(first)
    async with asyncio.timeout(5):
        source.leave(await big)
        await small


async def test_one_models_line_does_not_hold_up_another(queue: DispatchQueue, source: FakeSource):
    await queue.dispatch("busy", work(1), [source])
    stuck = asyncio.ensure_future(queue.dispatch("busy", work(2), [source]))
    async with asyncio.timeout(5):
        await queue.dispatch("other", work(3), [FakeSource()])
    assert not stuck.done()
    stuck.cancel()
    await asyncio.wait([stuck])


async def test_the_second_source_takes_what_the_first_has_no_room_for(
    queue: DispatchQueue, source: FakeSource
):
    second = FakeSource()
    await queue.dispatch("m", work(1), [source, second])
    await queue.dispatch("m", work(2), [source, second])
    assert (len(source.streams), len(second.streams)) == (1, 1)


async def test_a_model_that_gives_up_fails_those_who_wait_for_it(queue: DispatchQueue, source: FakeSource):
    await queue.dispatch("m", work(1), [source])
    waiting = asyncio.ensure_future(queue.dispatch("m", work(2), [source]))
    await asyncio.wait([waiting], timeout=0.01)
    queue.give_up("m", ModelNotRunning("m was stopped."))
    with pytest.raises(ModelNotRunning):
        await waiting


async def test_who_leaves_from_the_middle_of_the_line_is_not_counted_any_more(queue: DispatchQueue, source):
    await queue.dispatch("m", work(1), [source])
    waits = [asyncio.ensure_future(queue.dispatch("m", work(n), [source])) for n in (2, 3, 4)]
    await asyncio.wait(waits, timeout=0.01)
    waits[1].cancel()
    await asyncio.wait([waits[1]])
    assert queue.waiting == 2
    for wait in waits:
        wait.cancel()
    await asyncio.wait(waits)


async def test_who_leaves_at_the_very_moment_of_dispatch_leaves_no_work_behind(queue: DispatchQueue, source):
    first = await queue.dispatch("m", work(1), [source])
    second = asyncio.ensure_future(queue.dispatch("m", work(2), [source]))
    await asyncio.wait([second], timeout=0.01)
    source.leave(first)
    second.cancel()
    await asyncio.wait([second])
    assert source.streams[1].cancelled.is_set()
