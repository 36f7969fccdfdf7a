"""Limits per minute in the life of a request: taken when it is planned, corrected when it has ended."""

import asyncio

import pytest

from appliance.errors import BudgetExhausted, RateLimited
from appliance.services.allowance import Allowance
from appliance.services.generation.generator import Generator
from tests.generation.fakes import CALLER, Box, Everybody
from tests.generation.test_doorstep import Held


@pytest.fixture
def allowance(box: Box) -> Allowance:
    return Allowance(requests_per_minute=2, tokens_per_minute=60, clock=box.clock)


@pytest.fixture
def doorstep() -> Held:
    return Held()


@pytest.fixture
def generator(box: Box, allowance: Allowance, doorstep: Held) -> Generator:
    return Generator(
        models=box,
        admission=Everybody(),
        ledger=box.ledger,
        projects=box.projects,
        queue=box.queue,
        clock=box.clock,
        doorstep=doorstep,
        allowance=allowance,
    )


def left(allowance: Allowance) -> tuple[int, int]:
    now = allowance.left(CALLER)
    return now.requests.left, now.tokens.left


async def test_prompt_and_longest_answer_are_taken_and_the_rest_comes_back(
    box: Box, generator: Generator, allowance: Allowance
):
    run = await generator.start(CALLER, box.request("Hello", max_tokens=20))
    assert left(allowance) == (1, 60 - 25)
    stream = await box.source.stream(0)
    stream.token("x")
    stream.finish()
    async with asyncio.timeout(5):
        await run.ended()
    assert left(allowance) == (1, 60 - 6)


async def test_over_the_limit_is_a_429_after_the_pause_and_before_anything_is_prepared(
    box: Box, generator: Generator, doorstep: Held
):
    for _ in range(2):
        await generator.start(CALLER, box.request(max_tokens=1))
    box.model.preparer.prepare = None  # type: ignore[assignment,method-assign]
    with pytest.raises(RateLimited) as refused:
        await generator.start(CALLER, box.request())
    assert refused.value.retry_after_s == 30
    assert doorstep.count == 1


async def test_too_many_tokens_hold_no_budget(box: Box, generator: Generator):
    await generator.start(CALLER, box.request(max_tokens=40))
    with pytest.raises(RateLimited):
        await generator.start(CALLER, box.request(max_tokens=40))
    assert list(box.ledger.holds) == ["req_1"]


async def test_an_empty_budget_takes_no_tokens(box: Box, generator: Generator, allowance: Allowance):
    box.ledger.refuse = True
    with pytest.raises(BudgetExhausted):
        await generator.start(CALLER, box.request(max_tokens=20))
    assert left(allowance)[1] == 60


async def test_one_who_left_before_a_turn_used_nothing(box: Box, generator: Generator, allowance: Allowance):
    box.source._sequences = 0
    run = await generator.start(CALLER, box.request(max_tokens=20))
    run.cancel()
    async with asyncio.timeout(5):
        await run.ended()
    assert left(allowance)[1] == 60
