"""What every source of tokens keeps to: a replica on this box, and a model on another box over HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from appliance.domain.generation import FinishReason, Sampling
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.engines.base import EngineSpec, Failed, Finished, Generate, Tokens
from appliance.errors import error_for_code
from appliance.outbound.address import Address
from appliance.outbound.client import Outbound
from appliance.outbound.switch import Switch
from appliance.upstreams.alarms import Alarms
from appliance.upstreams.counting import Exact
from appliance.upstreams.guessing import TokenCount
from appliance.upstreams.line import Line
from appliance.upstreams.source import Source, authorized
from appliance.upstreams.work import Remote
from appliance.workers.preparer import Preparer
from appliance.workers.replica import Replica
from tests.system.two_boxes import TEMPLATE, TOKENIZER
from tests.upstreams.conftest import upstream
from tests.workers.conftest import Changes, MachineClock, RecordedLog

pytestmark = pytest.mark.slow

ANSWER = "Carrel listens on port 7411."
QUESTION = ChatPrompt((Message("user", "Which port does Carrel listen on?"),))
GREEDY = Sampling(0.0, 1.0, 0, 0.0, 1)
WILD = Sampling(2.0, 1.0, 0, 0.0, 5)


@dataclass
class Case:
    """``speaker`` answers ``ANSWER``, ``babbler`` goes on to its last token; each with work to give it."""

    speaker: Any
    babbler: Any
    say: Callable[..., Generate]
    babble: Callable[..., Generate]
    answer_tokens: int
    changes: Changes


@pytest.fixture(params=["replica", "upstream"])
async def case(request):
    changes, clock, log = Changes(), MachineClock(), RecordedLog()
    made: list[Any] = []
    if request.param == "replica":
        case = await replicas(changes, clock, log, made)
    else:
        box, key = request.getfixturevalue("box"), request.getfixturevalue("key")
        case = await upstreams((box, key), changes, clock, log, made)
    yield case
    await asyncio.gather(*(one.stop() for one in made))


async def replicas(changes, clock, log, made) -> Case:
    for options in ({"answer": ANSWER}, {"step_delay_ms": "1"}):
        spec = EngineSpec("fake", "/nowhere", 4096, 16_384, 4, options=options)
        made.append(Replica(spec, clock=clock, log=log, child_environment={}, on_change=changes))
        await made[-1].start()

    def work(id: int = 1, *, max_tokens: int = 400, **more: object) -> Generate:
        return Generate(id, (65, 66), max_tokens, GREEDY, **more)

    return Case(made[0], made[1], work, work, len(ANSWER) + 1, changes)


async def upstreams(opened, changes, clock, log, made) -> Case:
    box, key = opened
    beside = str(TOKENIZER)
    spec = EngineSpec("tokenizer", beside, 512, 2048, 4, chat_template=TEMPLATE, files=("tokenizer.json",))
    preparer = Preparer(spec, clock=clock, log=log, child_environment={}, on_change=changes)
    there = upstream(box.url, "handbook-tiny")

    def line() -> Line:
        client = Outbound(switch=Switch()).client(Address.parse(box.url, plain_http=True))
        return Line("m", there, client, authorized(key), Exact(preparer), None, Alarms(log), clock)

    source = Source(spec, line, on_change=changes)
    made += [preparer, source]
    await preparer.start()
    await source.start()

    def work(asked, sampling, id: int, max_tokens: int, **more: object) -> Remote:
        counted = TokenCount.exactly(19 if asked is QUESTION else 4)
        return Remote(
            id=id, prompt=(), max_tokens=max_tokens, sampling=sampling, asked=asked, counted=counted,
            stated=frozenset({"temperature"}), **more,
        )  # fmt: skip

    def say(id: int = 1, *, max_tokens: int = 400, **more: object) -> Remote:
        return work(QUESTION, GREEDY, id, max_tokens, **more)

    def babble(id: int = 1, *, max_tokens: int = 400, **more: object) -> Remote:
        return work(TextPrompt("Carrel is "), WILD, id, max_tokens, **more)

    return Case(source, source, say, babble, 7, changes)


async def read(stream) -> list:
    async with asyncio.timeout(30):
        return [event async for event in stream]


def text_of(events, choice: int = 0) -> str:
    return "".join(one.text for one in events if isinstance(one, Tokens | Finished) and one.choice == choice)


async def test_an_answer_is_told_piece_by_piece_and_ends_with_its_counts(case):
    events = await read(case.speaker.open(case.say()))
    *pieces, end = events
    assert text_of(events) == ANSWER
    assert len(pieces) > 1
    assert all(isinstance(one, Tokens) for one in pieces)
    assert (end.reason, end.completion_tokens) == (FinishReason.STOP, case.answer_tokens)
    assert end.prompt_tokens == case.say().prompt_tokens


@pytest.mark.parametrize("most", [1, 3, 8])
async def test_the_longest_answer_is_exact(case, most):
    end = (await read(case.babbler.open(case.babble(max_tokens=most))))[-1]
    assert (end.reason, end.completion_tokens) == (FinishReason.LENGTH, most)


async def test_a_stop_text_ends_the_answer_before_it(case):
    events = await read(case.speaker.open(case.say(stop=("7411", "listens on"))))
    assert text_of(events) == "Carrel "
    assert events[-1].reason is FinishReason.STOP


async def test_every_choice_has_its_own_text_and_end(case):
    events = await read(case.speaker.open(case.say(n=3)))
    assert [text_of(events, choice) for choice in range(3)] == [ANSWER] * 3
    ends = [one for one in events if isinstance(one, Finished)]
    assert sorted(one.choice for one in ends) == [0, 1, 2]
    assert sum(one.completion_tokens for one in ends) == 3 * case.answer_tokens


async def test_cancelling_finishes_every_choice_and_frees_the_room(case):
    source = case.babbler
    before = source.free
    stream = source.open(case.babble(n=2))
    assert source.free.sequences == before.sequences - 2
    events = aiter(stream)
    first = await anext(events)
    stream.cancel()
    stream.cancel()
    async with asyncio.timeout(30):
        rest = [one async for one in events]
    assert isinstance(first, Tokens)
    ends = [one for one in rest if isinstance(one, Finished)]
    assert {one.reason for one in ends} == {FinishReason.CANCELLED}
    assert all(one.completion_tokens < 400 for one in ends)
    await case.changes.until(lambda: source.free == before)


async def test_several_works_run_at_once_and_each_hears_of_its_own(case):
    streams = [case.babbler.open(case.babble(number, max_tokens=10 + number)) for number in range(1, 5)]
    assert case.babbler.running == 4
    for number, events in enumerate(await asyncio.gather(*map(read, streams)), start=1):
        assert {one.id for one in events} == {number}
        assert events[-1].completion_tokens == 10 + number
    assert case.babbler.running == 0


async def test_stopping_the_source_fails_what_runs_with_one_error(case):
    stream = case.babbler.open(case.babble())
    events = aiter(stream)
    await anext(events)
    await case.babbler.stop()
    async with asyncio.timeout(30):
        rest = [one async for one in events]
    assert isinstance(rest[-1], Failed)
    assert error_for_code(rest[-1].code).status == 502
    assert case.babbler.free.sequences == 0


async def test_work_for_a_source_that_is_not_ready_fails(case):
    await case.speaker.stop()
    (event,) = await read(case.speaker.open(case.say()))
    assert isinstance(event, Failed)
