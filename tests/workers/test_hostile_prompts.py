"""A prompt that hangs, kills or bloats the preparer costs its sender that prompt and no one else anything."""

import asyncio
import time

import pytest

from appliance.domain.model import ModelState
from appliance.domain.prompts import ChatPrompt, Message, PreparedPrompt, TextPrompt
from appliance.engines.base import Finished
from appliance.errors import ModelNotRunning, PreparationFailed

pytestmark = pytest.mark.slow

LOOPS_FOR = (
    "{% if messages[0].content == 'loop' %}"
    "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}{% endif %}ok"
)
GROWS_FOR = (
    "{% if messages[0].content == 'grow' %}{% set ns = namespace(text='xxxxxxxx') %}"
    "{% for a in range(40) %}{% set ns.text = ns.text ~ ns.text %}{% endfor %}{{ ns.text }}{% endif %}ok"
)


def _chat(content: str) -> ChatPrompt:
    return ChatPrompt((Message("user", content),))


async def test_a_template_that_loops_is_killed_at_its_deadline_while_streams_keep_their_pace(
    start_preparer, start_replica, spec, work
):
    preparer = await start_preparer(spec(chat_template=LOOPS_FOR), deadline_s=1.0)
    replica = await start_replica(spec(step_delay_ms=5))
    first_pid = preparer.pid
    stream = replica.open(work(max_tokens=4000))
    looping = asyncio.create_task(preparer.prepare(_chat("loop")))
    longest_wait_s, tokens = 0.0, 0
    while not looping.done():
        asked_s = time.monotonic()
        await anext(stream)
        tokens += 1
        longest_wait_s = max(longest_wait_s, time.monotonic() - asked_s)
    stream.cancel()

    with pytest.raises(PreparationFailed, match="took over 1 s"):
        await looping
    assert tokens > 20
    assert longest_wait_s < 0.5
    assert (await preparer.prepare(_chat("fine"))).tokens == tuple(b"ok")
    assert preparer.pid != first_pid


async def test_those_behind_a_hanging_prompt_only_wait(start_preparer, spec):
    preparer = await start_preparer(spec(chat_template=LOOPS_FOR), deadline_s=0.5)
    prompts = [_chat("loop"), _chat("a"), _chat("loop"), _chat("b")]
    answers = await asyncio.gather(*map(preparer.prepare, prompts), return_exceptions=True)
    assert [type(answer) for answer in answers] == [PreparationFailed, PreparedPrompt] * 2


async def test_a_template_that_eats_memory_dies_alone(start_preparer, spec):
    preparer = await start_preparer(spec(chat_template=GROWS_FOR))
    assert "memory-limit" in preparer.confinement
    with pytest.raises(PreparationFailed, match="died"):
        await preparer.prepare(_chat("grow"))
    assert (await preparer.prepare(_chat("fine"))).tokens == tuple(b"ok")


async def test_a_prompt_that_kills_the_tokenizer_is_told_and_the_next_is_prepared(start_preparer, spec):
    preparer = await start_preparer(spec(die_on_text="boom"))
    with pytest.raises(PreparationFailed, match="died on this one"):
        await preparer.prepare(TextPrompt("a boom b"))
    assert (await preparer.prepare(TextPrompt("a"))).tokens == (97,)


async def test_hostile_prompts_never_use_up_the_restarts(start_preparer, spec):
    preparer = await start_preparer(spec(die_on_text="boom", chat_template=LOOPS_FOR), deadline_s=0.2)
    for prompt in [TextPrompt("boom"), _chat("loop")] * 5:
        with pytest.raises(PreparationFailed):
            await preparer.prepare(prompt)
    assert (await preparer.prepare(TextPrompt("a"))).tokens == (97,)
    assert preparer.restarts == 10


async def test_a_caller_who_leaves_does_not_disturb_the_next(start_preparer, spec):
    preparer = await start_preparer(spec(tokenize_delay_ms=100))
    leaving = asyncio.create_task(preparer.prepare(TextPrompt("left")))
    staying = asyncio.create_task(preparer.prepare(TextPrompt("stays")))
    while preparer._answer is None:
        await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).tokens == tuple(b"stays")
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert preparer.restarts == 0


async def test_stopping_ends_a_prompt_that_hangs(start_preparer, spec):
    preparer = await start_preparer(spec(tokenize_delay_ms=60_000), deadline_s=60)
    hanging = asyncio.create_task(preparer.prepare(TextPrompt("a")))
    while preparer._answer is None:
        await asyncio.sleep(0)
    await preparer.stop()
    with pytest.raises(ModelNotRunning, match="stopped"):
        await hanging
    assert preparer.state is ModelState.AVAILABLE


async def test_a_dead_preparer_costs_no_stream(start_preparer, start_replica, spec, work, read_all):
    preparer = await start_preparer(spec(die_on_text="boom"))
    replica = await start_replica(spec(step_delay_ms=1))
    stream = replica.open(work(max_tokens=200))
    with pytest.raises(PreparationFailed):
        await preparer.prepare(TextPrompt("boom"))
    assert isinstance((await read_all(stream))[-1], Finished)
