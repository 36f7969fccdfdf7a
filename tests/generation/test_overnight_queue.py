"""Lines of batches take what nobody else wants, are never in the way, and give back what somebody wants."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import ServiceClass
from appliance.domain.people import Caller
from appliance.errors import PersonLimitReached
from appliance.policy.fairness import BATCH_PATIENCE_S
from appliance.services.queue import DispatchQueue, QueueLimits, Share
from tests.generation.fakes import FakeClock, FakeSource
from tests.generation.test_queue import sent, work

ADA = Share(Caller("k1", "ada", "default"))
LINE = replace(ADA, service_class=ServiceClass.OVERNIGHT)
BOB = Share(Caller("k2", "bob", "default"))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def queue(clock):
    limits = QueueLimits(waiting=4, person_running=3, person_waiting=2, timeout_s=60, batch_timeout_s=1e6)
    return DispatchQueue(limits, clock=clock, news_s=0.001)


@pytest.fixture
def source(queue):
    source = FakeSource(sequences=4, kv_tokens=400)
    source.on_change = queue.wake
    return source


def cancelled(source) -> list[int]:
    return [stream.work.id for stream in source.streams if stream.cancelled.is_set()]


async def test_they_take_half_a_model_and_no_more(queue, source):
    for number in range(4):
        queue.join("m", work(number), [source], LINE)
    assert sent(source) == [0, 1]


async def test_half_of_its_memory_counts_as_well(queue, source):
    for number in range(2):
        queue.join("m", work(number, kv_tokens=150), [source], LINE)
    assert sent(source) == [0]


async def test_one_that_needs_more_than_half_has_an_idle_model(queue, source):
    queue.join("m", work(0, kv_tokens=390), [source], LINE)
    assert sent(source) == [0]


async def test_one_that_needs_more_than_half_waits_beside_anything_else(queue, source):
    queue.join("m", work(0), [source], ADA)
    queue.join("m", work(1, kv_tokens=300), [source], LINE)
    assert sent(source) == [0]


async def test_a_request_finds_their_seats_taken_and_gets_one_back(queue, source):
    source._sequences = 1
    queue.join("m", work(0), [source], LINE)
    queue.join("m", work(1), [source], BOB)
    assert cancelled(source) == [0]
    source.leave(source.streams[0])
    assert sent(source) == [0, 1]


async def test_no_more_of_them_end_than_a_request_needs(queue, source):
    for number in range(2):
        queue.join("m", work(number, kv_tokens=100), [source], LINE)
    for number in (10, 11):
        queue.join("m", work(number, kv_tokens=90), [source], BOB)
    assert cancelled(source) == []
    queue.join("m", work(12, kv_tokens=90), [source], ADA)
    assert cancelled(source) == [1]
    queue.wake()
    assert cancelled(source) == [1]


async def test_none_of_them_end_where_that_would_not_help(queue, source):
    queue.join("m", work(0, kv_tokens=250), [source], BOB)
    queue.join("m", work(1, kv_tokens=50), [source], LINE)
    queue.join("m", work(2, kv_tokens=300), [source], ADA)
    assert cancelled(source) == []


async def test_they_do_not_go_while_a_request_waits_even_where_they_would_fit(queue, source):
    queue.join("m", work(0, kv_tokens=300), [source], BOB)
    queue.join("m", work(1, kv_tokens=200), [source], ADA)
    queue.join("m", work(2), [source], LINE)
    assert sent(source) == [0]


async def test_they_never_become_urgent(queue, source, clock):
    source._sequences = 0
    queue.join("m", work(0), [source], LINE)
    clock.at_s += 10 * BATCH_PATIENCE_S
    queue.join("m", work(1), [source], replace(BOB, service_class=ServiceClass.BATCH))
    queue.join("m", work(2), [source], BOB)
    source._sequences = 4
    queue.wake()
    assert sent(source) == [2, 1, 0]


async def test_they_use_up_nothing_of_a_persons_limits_nor_of_the_queues(queue, source):
    source._sequences = 0
    for number in range(8):
        with queue.preparing(LINE.caller, ServiceClass.OVERNIGHT):
            queue.join("m", work(number), [source], LINE)
    assert queue.waiting == 0
    assert queue.waiting_for("m") == 8
    for number in (10, 11):
        with queue.preparing(ADA.caller):
            queue.join("m", work(number), [source], ADA)
    with pytest.raises(PersonLimitReached), queue.preparing(ADA.caller):
        pass


async def test_those_that_run_leave_their_owner_as_many_seats_as_others_have(queue, source):
    queue.join("m", work(0), [source], LINE)
    for number in (1, 2, 3):
        queue.join("m", work(number), [source], ADA)
    assert sent(source) == [0, 1, 2, 3]


async def test_their_owner_is_not_one_who_comes_back_for_whom_room_is_kept(queue, source):
    place = queue.join("m", work(0), [source], LINE)
    source.leave(source.streams[0])
    place.leave()
    for number in range(1, 4):
        queue.join("m", work(number, kv_tokens=130), [source], BOB)
    assert sent(source) == [0, 1, 2, 3]


async def test_they_are_shown_as_a_class_of_their_own(queue, source):
    for number in range(3):
        queue.join("m", work(number), [source], LINE)
    (state,) = queue.states()
    assert (state.service_class, state.waiting, state.running) == (ServiceClass.OVERNIGHT, 1, 2)


async def test_people_are_prepared_before_lines_of_batches():
    from appliance.services.generation.turns import Turns

    turns, order = Turns(), []

    async def prepare(name: str, *, last: bool = False) -> None:
        async with turns.take("m", name, last=last):
            order.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name, last in (("first", True), ("line", True), ("line", True), ("ada", False), ("bob", False)):
            group.create_task(prepare(name, last=last))
    assert order == ["first", "ada", "bob", "line", "line"]
