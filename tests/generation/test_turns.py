"""Prompts are prepared one at a time, and people take turns: many prompts of one do not delay another's."""

import asyncio

import pytest

from appliance.services.generation.turns import Turns


@pytest.fixture
def turns() -> Turns:
    return Turns()


class Crowd:
    """Starts who takes a turn, notes the order, and lets one go on at a time."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.order: list[str] = []
        self.inside = 0
        self.go_on = asyncio.Semaphore(0)
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, name: str, model: str = "m") -> "asyncio.Task[None]":
        task = asyncio.create_task(self._take(name, model))
        self.tasks.append(task)
        await asyncio.sleep(0)
        return task

    async def _take(self, name: str, model: str) -> None:
        async with self.turns.take(model, name[0]):
            assert self.inside == 0
            self.inside += 1
            self.order.append(name)
            try:
                await self.go_on.acquire()
            finally:
                self.inside -= 1

    async def all_done(self) -> None:
        for _ in self.tasks:
            self.go_on.release()
        async with asyncio.timeout(5):
            await asyncio.wait(self.tasks)


async def test_people_take_turns_whatever_the_number_of_their_prompts(turns: Turns):
    crowd = Crowd(turns)
    for name in ("a1", "a2", "a3", "a4", "b1", "c1", "b2"):
        await crowd.come(name)
    await crowd.all_done()
    assert crowd.order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_who_leaves_while_waiting_gives_the_place_up(turns: Turns):
    crowd = Crowd(turns)
    await crowd.come("a1")
    leaving = await crowd.come("b1")
    await crowd.come("c1")
    leaving.cancel()
    await crowd.all_done()
    assert crowd.order == ["a1", "c1"]


async def test_who_leaves_as_the_turn_comes_passes_it_on(turns: Turns):
    crowd = Crowd(turns)
    async with turns.take("m", "a"):
        leaving = await crowd.come("b1")
        await crowd.come("c1")
    leaving.cancel()  # it has the turn, and has not run yet
    await crowd.all_done()
    assert crowd.order == ["c1"]


async def test_a_turn_that_ends_in_an_error_is_passed_on(turns: Turns):
    with pytest.raises(ZeroDivisionError):
        async with turns.take("m", "a"):
            raise ZeroDivisionError
    async with asyncio.timeout(5), turns.take("m", "b"):
        pass


async def test_models_do_not_wait_for_each_other(turns: Turns):
    async with asyncio.timeout(5), turns.take("m", "a"), turns.take("other", "a"):
        pass
