"""One queue: never more than a source has room for; who leaves, gives up or waits too long leaves nothing."""

import asyncio
from contextlib import ExitStack

import pytest

from appliance.domain.generation import Sampling, ServiceClass, Waiting
from appliance.domain.me import QueueShare
from appliance.domain.people import Caller
from appliance.engines.base import Generate
from appliance.errors import ModelNotRunning, QueueFull, QueueTimedOut
from appliance.services.queue import DispatchQueue, Place, QueueLimits, Share
from tests.generation.fakes import FakeClock, FakeSource

GREEDY = Sampling(0.0, 1.0, 0, 0.0, 0)
ADA = Share(Caller("k1", "ada", "default"))


def work(number: int, kv_tokens: int = 10) -> Generate:
    return Generate(number, (1,), kv_tokens - 1, GREEDY)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def queue(clock: FakeClock) -> DispatchQueue:
    return DispatchQueue(QueueLimits(waiting=100, timeout_s=60), clock=clock, news_s=0.001)


@pytest.fixture
def source(queue: DispatchQueue) -> FakeSource:
    source = FakeSource(sequences=1, kv_tokens=100)
    source.on_change = queue.wake
    return source


async def stream_of(place: Place):
    async with asyncio.timeout(5):
        return await place.take_turn(lambda news: None)


def sent(source: FakeSource) -> list[int]:
    return [stream.work.id for stream in source.streams]


async def test_who_came_first_goes_first(queue: DispatchQueue, source: FakeSource):
    places = [queue.join("m", work(n), [source], ADA) for n in range(5)]
    for n in range(5):
        stream = await stream_of(places[n])
        assert stream.work.id == n
        assert len(source.open_now) == 1
        source.leave(stream)


async def test_a_source_is_never_sent_more_than_it_has_room_for(queue: DispatchQueue):
    source = FakeSource(sequences=10, kv_tokens=35)
    source.on_change = queue.wake
    places = [queue.join("m", work(n, 10), [source], ADA) for n in range(6)]
    assert len(source.open_now) == 3
    assert queue.waiting == queue.waiting_for("m") == 3
    for place in places:
        place.leave()
    assert queue.waiting == 0


async def test_a_big_request_is_passed_by_small_ones_a_few_times_and_then_gets_its_room(queue: DispatchQueue):
    source = FakeSource(sequences=10, kv_tokens=30)
    source.on_change = queue.wake
    queue.join("m", work(0, 20), [source], ADA)
    queue.join("m", work(1, 30), [source], ADA)
    for n in range(2, 30):
        queue.join("m", work(n, 5), [source], ADA)
    for _ in range(20):
        if 1 in sent(source):
            break
        source.leave(next(iter(source.open_now)))
    assert 1 in sent(source)
    assert len(sent(source)) <= 12


async def test_one_models_line_does_not_hold_up_another(queue: DispatchQueue, source: FakeSource):
    queue.join("busy", work(1), [source], ADA)
    stuck = queue.join("busy", work(2), [source], ADA)
    await stream_of(queue.join("other", work(3), [FakeSource()], ADA))
    assert stuck.waits


async def test_the_second_source_takes_what_the_first_has_no_room_for(
    queue: DispatchQueue, source: FakeSource
):
    second = FakeSource()
    for n in (1, 2):
        queue.join("m", work(n), [source, second], ADA)
    queue.join("m", work(3), [source, second], ADA)
    assert sorted([len(source.streams), len(second.streams)]) == [1, 2]


async def test_a_chooser_decides_between_the_sources_with_room(clock: FakeClock):
    full, first, second = FakeSource(sequences=0), FakeSource(), FakeSource(kv_tokens=5000)
    offered = []

    def choose(work, sources):
        offered.append(list(sources))
        return sources[0]

    queue = DispatchQueue(QueueLimits(100), clock=clock, choose=choose)
    queue.join("m", work(1), [full, first, second], ADA)
    assert offered == [[first, second]]
    assert sent(first) == [1]


async def test_a_model_that_gives_up_fails_those_who_wait_for_it(queue: DispatchQueue, source: FakeSource):
    queue.join("m", work(1), [source], ADA)
    waiting = queue.join("m", work(2), [source], ADA)
    queue.give_up("m", ModelNotRunning("m was stopped."))
    with pytest.raises(ModelNotRunning):
        await stream_of(waiting)
    assert queue.waiting == 0


async def test_who_leaves_from_the_middle_of_the_line_is_not_counted_any_more(queue: DispatchQueue, source):
    queue.join("m", work(1), [source], ADA)
    places = [queue.join("m", work(n), [source], ADA) for n in (2, 3, 4)]
    turn = asyncio.ensure_future(places[1].take_turn(lambda news: None))
    await asyncio.sleep(0)
    turn.cancel()
    await asyncio.wait([turn])
    assert queue.waiting == 2
    assert [place.position for place in places] == [1, 0, 2]


async def test_who_leaves_at_the_very_moment_of_dispatch_leaves_no_work_behind(queue: DispatchQueue, source):
    queue.join("m", work(1), [source], ADA)
    second = asyncio.ensure_future(queue.join("m", work(2), [source], ADA).take_turn(lambda news: None))
    await asyncio.sleep(0)
    source.leave(source.streams[0])
    second.cancel()
    await asyncio.wait([second])
    assert source.streams[1].cancelled.is_set()


async def test_who_waits_hears_of_each_new_position_and_of_the_time_once_it_is_known(
    queue: DispatchQueue, source: FakeSource, clock: FakeClock
):
    news: asyncio.Queue[Waiting] = asyncio.Queue()
    places = [queue.join("m", work(n), [source], ADA) for n in range(5)]
    turn = asyncio.ensure_future(places[4].take_turn(news.put_nowait))
    heard = []
    async with asyncio.timeout(5):
        for n in range(3):
            heard.append(await news.get())
            clock.at_s += 4
            source.leave(source.streams[n])
        source.leave(await stream_of(places[3]))
        await turn
    assert [one.position for one in heard] == [4, 3, 2]
    assert [one.eta_s for one in heard] == [None, None, 8]


async def test_a_request_that_waits_too_long_is_told_when_to_try_again(queue, source, clock):
    queue.join("m", work(1), [source], ADA)
    waiting = queue.join("m", work(2), [source], ADA)
    patient = queue.join("m", work(3), [source], Share(ADA.caller, service_class=ServiceClass.BATCH))
    batch = asyncio.ensure_future(patient.take_turn(lambda news: None))
    clock.at_s += 61
    with pytest.raises(QueueTimedOut) as refused:
        await stream_of(waiting)
    assert refused.value.retry_after_s
    assert queue.waiting == 1
    assert not batch.done()
    clock.at_s += 86_400
    with pytest.raises(QueueTimedOut):
        await batch
    assert queue.waiting == 0
    source.leave(source.streams[0])
    assert sent(source) == [1]


async def test_interactive_requests_go_before_batch_until_the_batch_has_waited_very_long(
    queue, source, clock
):
    batch = Share(Caller("k2", "bob", "default"), service_class=ServiceClass.BATCH)
    queue.join("m", work(1), [source], ADA)
    queue.join("m", work(2), [source], batch)
    queue.join("m", work(3), [source], ADA)
    source.leave(source.streams[0])
    assert sent(source) == [1, 3]
    clock.at_s += 901
    queue.join("m", work(4), [source], ADA)
    source.leave(source.streams[1])
    assert sent(source) == [1, 3, 2]


async def test_those_who_prepare_are_bounded_like_those_who_wait(clock, source):
    queue = DispatchQueue(QueueLimits(waiting=2), clock=clock)
    with ExitStack() as two:
        two.enter_context(queue.preparing(ADA.caller))
        two.enter_context(queue.preparing(ADA.caller))
        with pytest.raises(QueueFull):
            two.enter_context(queue.preparing(ADA.caller))
    with queue.preparing(ADA.caller):
        pass


async def test_a_full_queue_says_when_the_next_one_goes_by_its_pace(clock, source):
    queue = DispatchQueue(QueueLimits(waiting=1), clock=clock)
    source.on_change = queue.wake
    for n in (1, 2):
        queue.join("m", work(n), [source], ADA)
    with pytest.raises(QueueFull) as unknown, queue.preparing(ADA.caller):
        pass
    assert unknown.value.retry_after_s == 5
    queue.join("m", work(3), [source], ADA)
    for number in range(2):
        queue.join("m", work(4 + number), [source], ADA)
        clock.at_s += 12
        source.leave(source.streams[number])
    with pytest.raises(QueueFull) as refused, queue.preparing(ADA.caller):
        pass
    assert refused.value.retry_after_s == 12


async def test_one_persons_requests_are_counted(queue, source):
    queue.join("m", work(1), [source], ADA)
    queue.join("m", work(2), [source], ADA)
    with queue.preparing(ADA.caller):
        assert queue.share("ada") == QueueShare(2, 64, 1, 32)
    assert queue.share("ada") == QueueShare(1, 64, 1, 32)
    assert queue.share("bob") == QueueShare(0, 64, 0, 32)


async def test_status_tells_of_each_class_of_each_model(queue, source, clock):
    batch = Share(ADA.caller, service_class=ServiceClass.BATCH)
    place = queue.join("m", work(1), [source], ADA)
    queue.join("m", work(2), [source], ADA)
    clock.at_s += 3
    queue.join("m", work(3), [source], batch)
    interactive, in_batch = queue.states()
    assert (interactive.model, interactive.waiting, interactive.running) == ("m", 1, 1)
    assert (interactive.oldest_wait_s, interactive.eta_s) == (3, None)
    assert (in_batch.service_class, in_batch.waiting, in_batch.running) == (ServiceClass.BATCH, 1, 0)
    source.leave(source.streams[0])
    place.leave()
    place.leave()
    assert [state.running for state in queue.states()] == [1, 0]


async def test_a_request_for_sources_that_have_ended_does_not_join_those_of_the_new_ones(queue, source):
    queue.join("m", work(1), [source], ADA)
    queue.join("m", work(2), [source], ADA)
    late = queue.join("m", work(3), [FakeSource()], ADA)
    with pytest.raises(ModelNotRunning):
        await stream_of(late)
    assert queue.waiting == 1
