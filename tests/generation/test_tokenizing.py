"""Tokens are told with the model's own vocabulary, in turns with prompts that await answers, for nothing."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.people import Caller
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.domain.tokenization import Tokenized
from appliance.errors import BadRequest, PersonLimitReached
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.tokenizing import Tokenizer
from appliance.services.generation.turns import Turns
from appliance.services.queue import DispatchQueue, QueueLimits
from tests.generation.fakes import CALLER, Box, Everybody

BOB = Caller("k2", "bob", "default")
CHAT = ChatPrompt((Message("user", "Hi"),))


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def tokenizer(box: Box, turns: Turns) -> Tokenizer:
    box.queue = DispatchQueue(QueueLimits(waiting=50, person_waiting=2), clock=box.clock)
    return Tokenizer(
        models=box, admission=Everybody(), queue=box.queue, turns=turns, doorstep=Doorstep(pause_s=0)
    )


async def test_text_and_conversation_become_what_the_model_would_be_given(box: Box, tokenizer: Tokenizer):
    told = await tokenizer.tokenize(CALLER, "m", TextPrompt("Hi"))
    assert told == Tokenized(box.model.identity, (72, 105), 100)
    assert await tokenizer.tokenize(CALLER, "m", CHAT) == told
    assert await tokenizer.detokenize(CALLER, "m", (72, 105)) == "Hi"


async def test_nothing_is_held_and_no_work_is_sent(box: Box, tokenizer: Tokenizer):
    await tokenizer.tokenize(CALLER, "m", TextPrompt("Hi"))
    await tokenizer.detokenize(CALLER, "m", (72,))
    assert not box.ledger.holds
    assert not box.source.streams


async def test_model_that_does_not_chat_takes_no_conversation(box: Box, tokenizer: Tokenizer):
    box.model = replace(box.model, chats=False)
    with pytest.raises(BadRequest) as refused:
        await tokenizer.tokenize(CALLER, "m", CHAT)
    assert refused.value.param == "messages"
    assert (await tokenizer.tokenize(CALLER, "m", TextPrompt("Hi"))).tokens == (72, 105)


async def test_turn_is_shared_with_prompts_that_are_to_be_answered(
    box: Box, tokenizer: Tokenizer, turns: Turns
):
    async with turns.take("m", "bob"):
        asking = asyncio.ensure_future(tokenizer.tokenize(CALLER, "m", TextPrompt("Hi")))
        telling = asyncio.ensure_future(tokenizer.detokenize(BOB, "m", (72,)))
        await asyncio.sleep(0)
        assert not asking.done()
        assert not telling.done()
    async with asyncio.timeout(5):
        assert (await asking).tokens == (72, 105)
        assert await telling == "H"


async def test_one_person_asks_for_no_more_at_once_than_may_wait(
    box: Box, tokenizer: Tokenizer, turns: Turns
):
    async with turns.take("m", "bob"):
        asking = [asyncio.ensure_future(tokenizer.tokenize(CALLER, "m", CHAT)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(PersonLimitReached):
            await tokenizer.detokenize(CALLER, "m", (72,))
        other = asyncio.ensure_future(tokenizer.tokenize(BOB, "m", CHAT))
        await asyncio.sleep(0)
        asking[1].cancel()
        await asyncio.wait([asking[1]])
    async with asyncio.timeout(5):
        await asking[0]
        await other
        assert await tokenizer.detokenize(CALLER, "m", (72,)) == "H"
