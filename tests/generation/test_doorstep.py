"""A refusal is told after a moment, unless too many are held already."""

import asyncio

import pytest

from appliance.domain.people import Caller
from appliance.errors import BadRequest, BudgetExhausted, PersonLimitReached
from appliance.services.generation.doorstep import APART_S, LONGEST_S, PAUSE_S, Doorstep
from appliance.services.generation.generator import Generator
from appliance.services.queue import DispatchQueue, QueueLimits
from tests.generation.fakes import Box, Everybody

ADA = Caller("k1", "ada", "default")
FOREVER_S = 3600


class Held(Doorstep):
    """Counts in place of waiting."""

    count = 0

    async def pause(self, person: str) -> None:
        self.count += 1


@pytest.fixture
def doorstep() -> Held:
    return Held()


@pytest.fixture
def generator(box: Box, doorstep: Held) -> Generator:
    queue = DispatchQueue(QueueLimits(waiting=50, person_running=1, person_waiting=1), clock=box.clock)
    return Generator(
        models=box,
        ledger=box.ledger,
        projects=box.projects,
        queue=queue,
        clock=box.clock,
        doorstep=doorstep,
        admission=Everybody(),
    )


async def test_one_persons_limit_is_told_after_the_pause(box: Box, generator: Generator, doorstep: Held):
    for _ in range(2):
        await generator.start(ADA, box.request())
    with pytest.raises(PersonLimitReached):
        await generator.start(ADA, box.request())
    assert doorstep.count == 1


async def test_an_empty_budget_is_told_after_the_pause(box: Box, generator: Generator, doorstep: Held):
    box.ledger.refuse = True
    with pytest.raises(BudgetExhausted):
        await generator.start(ADA, box.request())
    assert doorstep.count == 1


async def test_other_refusals_are_told_at_once(box: Box, generator: Generator, doorstep: Held):
    with pytest.raises(BadRequest):
        await generator.start(ADA, box.request(max_tokens=10**9))
    assert doorstep.count == 0


async def test_it_holds_no_more_than_so_many():
    doorstep = Doorstep(pause_s=FOREVER_S, most_held=2)
    held = [asyncio.create_task(doorstep.pause("ada")) for _ in range(2)]
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await doorstep.pause("ada")
    assert not any(one.done() for one in held)

    held[0].cancel()
    await asyncio.wait([held[0]])
    third = asyncio.create_task(doorstep.pause("ada"))
    await asyncio.sleep(0)
    assert not third.done()
    for one in (*held, third):
        one.cancel()
    await asyncio.wait([*held, third])


async def test_one_person_is_told_one_after_the_other_and_others_do_not_wait_for_them():
    doorstep = Doorstep(most_held=1000)
    held = [asyncio.create_task(doorstep.pause("ada")) for _ in range(50)]
    await asyncio.sleep(0)
    assert doorstep.pause_of("ada") == pytest.approx(PAUSE_S + 50 * APART_S, abs=0.9)
    assert doorstep.pause_of("bob") == PAUSE_S
    more = [asyncio.create_task(doorstep.pause("ada")) for _ in range(700)]
    await asyncio.sleep(0)
    assert doorstep.pause_of("ada") == LONGEST_S
    for one in (*held, *more):
        one.cancel()
    await asyncio.wait([*held, *more])
    assert doorstep.pause_of("ada") == PAUSE_S


async def test_a_box_that_does_not_hold_anybody_holds_no_crowd_either():
    doorstep = Doorstep(pause_s=0)
    async with asyncio.timeout(5):
        await asyncio.gather(*(doorstep.pause("ada") for _ in range(100)))
