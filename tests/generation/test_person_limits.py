"""One person runs and waits for no more than one person may; nobody else waits for that."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import ServiceClass, Settled, Waiting
from appliance.domain.people import Caller, Project
from appliance.errors import PersonLimitReached, QueueTimedOut
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.generator import Generator
from appliance.services.queue import DispatchQueue, QueueLimits
from tests.generation.fakes import Box, Everybody, FakeClock, FakeSource

ADA = Caller("k1", "ada", "default")
BOB = Caller("k2", "bob", "default")


@pytest.fixture
def box(box: Box) -> Box:
    """The same with room for five at once, two of them one person's, and two waiting."""
    box.source = FakeSource(sequences=5)
    limits = QueueLimits(waiting=50, person_running=2, person_waiting=2, timeout_s=30)
    box.queue = DispatchQueue(limits, clock=box.clock, news_s=0.001)
    box.source.on_change = box.queue.wake
    box.model = replace(box.model, sources=[box.source])
    box.generator = Generator(
        models=box,
        admission=Everybody(),
        ledger=box.ledger,
        projects=box.projects,
        queue=box.queue,
        clock=box.clock,
        doorstep=Doorstep(pause_s=0),
    )
    return box


def owners(box: Box) -> list[str]:
    return [stream.work.owner for stream in box.source.streams]


async def test_more_than_one_person_may_run_wait_while_others_pass(box: Box):
    for _ in range(4):
        await box.generator.start(ADA, box.request())
    late = await box.generator.start(BOB, box.request())
    assert owners(box) == ["holder:ada in default", "holder:ada in default", "holder:bob in default"]
    assert late.accepted.queue_position == 0
    assert box.queue.waiting == 2


async def test_an_end_lets_the_same_persons_next_one_run(box: Box):
    runs = [await box.generator.start(ADA, box.request()) for _ in range(3)]
    assert [run.accepted.queue_position for run in runs] == [0, 0, 1]
    (await box.source.stream(0)).finish()
    await box.source.stream(2)
    assert box.queue.waiting == 0


async def test_more_than_one_person_may_have_waiting_are_refused_before_they_are_prepared(box: Box):
    for _ in range(4):
        await box.generator.start(ADA, box.request())
    box.model.preparer.prepare = None  # type: ignore[assignment,method-assign]
    with pytest.raises(PersonLimitReached) as refused:
        await box.generator.start(ADA, box.request())
    assert refused.value.retry_after_s


async def test_those_being_prepared_count_as_waiting_and_no_longer_than_that(box: Box):
    prompt = asyncio.Event()
    prepare = box.model.preparer.prepare

    async def slow(asked, answer_format):
        await prompt.wait()
        return await prepare(asked, answer_format)

    box.model.preparer.prepare = slow  # type: ignore[method-assign]
    starting = [asyncio.ensure_future(box.generator.start(ADA, box.request())) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(PersonLimitReached):
        await box.generator.start(ADA, box.request())
    starting[1].cancel()
    await asyncio.wait([starting[1]])
    starting.append(asyncio.ensure_future(box.generator.start(ADA, box.request())))
    prompt.set()
    async with asyncio.timeout(5):
        await starting[0]
        await starting[2]
    assert len(box.source.streams) == 2


async def test_one_who_waits_hears_of_the_position_and_then_of_the_text(box: Box):
    for _ in range(2):
        await box.generator.start(ADA, box.request())
    third = await box.generator.start(ADA, box.request())
    events = aiter(third)
    async with asyncio.timeout(5):
        assert await anext(events) == Waiting(position=1, eta_s=None)
        (await box.source.stream(0)).finish()
        (await box.source.stream(2)).finish()
        assert [type(event) async for event in events][-1] is Settled


async def test_one_who_waited_too_long_gets_an_error_and_its_hold_back(box: Box):
    for _ in range(2):
        await box.generator.start(ADA, box.request())
    third = await box.generator.start(ADA, box.request())
    box.clock.at_s += 31
    with pytest.raises(QueueTimedOut):
        async for _ in third:
            pass
    await third.ended()
    assert box.ledger.settled["req_3"][1].gflop == 0
    (await box.source.stream(0)).finish()
    (await box.source.stream(1)).finish()
    await box.generator.close(5)
    assert len(box.source.streams) == 2


async def test_an_answer_is_charged_as_it_is_made(box: Box):
    """Ada's one answer has cost more than Bob's two, so that Bob goes before her next one."""
    box.queue = DispatchQueue(QueueLimits(waiting=50), clock=FakeClock())
    box.source._sequences = 1
    box.source.on_change = box.queue.wake
    generator = Generator(
        models=box,
        ledger=box.ledger,
        projects=box.projects,
        queue=box.queue,
        clock=box.clock,
        admission=Everybody(),
    )
    for caller in (ADA, ADA, BOB, BOB):
        await generator.start(caller, box.request())
    for turn, tokens in enumerate((20, 1, 1)):
        stream = await box.source.stream(turn)
        for _ in range(tokens):
            stream.token("x")
        stream.finish()
    await box.source.stream(3)
    assert owners(box) == [
        "holder:ada in default",
        "holder:bob in default",
        "holder:bob in default",
        "holder:ada in default",
    ]


async def test_a_projects_weight_and_a_requests_class_reach_the_queue(box: Box):
    box.source._sequences = 0
    box.projects.known["big"] = Project("big", "Big", 0, weight=7)
    shares = []
    join = box.queue.join
    box.queue.join = lambda *given: shares.append(given[-1]) or join(*given)  # type: ignore[method-assign]
    run = await box.generator.start(Caller("k3", "eve", "big"), box.request(service_class=ServiceClass.BATCH))
    assert [(share.weight, share.service_class) for share in shares] == [(7, ServiceClass.BATCH)]
    assert run.accepted.service_class is ServiceClass.BATCH


async def test_a_run_cancelled_as_it_is_dispatched_is_counted_exactly(box: Box):
    run = await box.generator.start(ADA, box.request())
    run.cancel()
    async with asyncio.timeout(5):
        await run.ended()
    assert box.source.streams[0].cancelled.is_set()
    assert box.source.open_now == set()
    assert box.ledger.settled["req_1"][1].prompt_tokens == 5
