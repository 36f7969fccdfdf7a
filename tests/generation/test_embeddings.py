"""The life of a request for vectors: each input is prepared and paid for by itself, all settled at once."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import (
    ChoiceFinished,
    Embedded,
    EmbeddingRequest,
    FinishReason,
    GenerationRequest,
    Settled,
    TokenUsage,
)
from appliance.domain.prompts import PreparedPrompt, TextPrompt, TokenPrompt
from appliance.domain.shapes import ModelShapes
from appliance.domain.usage import Outcome
from appliance.engines.base import Embed
from appliance.errors import BadRequest, BudgetExhausted, ContextLengthExceeded, ReplicaFailed
from appliance.policy.flops import gflop
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.generator import Generator
from appliance.services.generation.planning_embeddings import gflop_of_inputs
from tests.generation.fakes import CALLER, Box, Everybody

SIZE = 8


@pytest.fixture
def shelf(box: Box) -> Box:
    """The box, with a model that makes vectors in place of the one that answers."""
    model = replace(box.model, embedding_size=SIZE, chats=False)

    class Models:
        def served(self, model_id: str):
            return model

    generator = Generator(
        models=Models(),
        admission=Everybody(),
        ledger=box.ledger,
        projects=box.projects,
        queue=box.queue,
        clock=box.clock,
        doorstep=Doorstep(pause_s=0),
    )
    return replace(box, generator=generator, model=model)


def texts(*inputs: str | tuple[int, ...], **more) -> EmbeddingRequest:
    prompts = tuple(TextPrompt(one) if isinstance(one, str) else TokenPrompt(one) for one in inputs)
    return EmbeddingRequest("req_1", "m", prompts, **more)


async def read(run) -> list:
    async with asyncio.timeout(5):
        return [event async for event in run]


async def test_every_input_is_prepared_and_all_go_out_as_one_work(shelf: Box):
    run = await shelf.generator.start(CALLER, texts("Hi", (7, 8, 9)))

    work = (await shelf.source.stream(0)).work

    assert work == Embed(work.id, ((72, 105), (7, 8, 9)))
    assert run.accepted.prompt_tokens == 5
    assert (run.accepted.seed, run.accepted.prompt) == (0, ())
    run.cancel()
    await run.ended()


async def test_vectors_come_as_they_are_made_and_the_end_after_the_commit(shelf: Box):
    run = await shelf.generator.start(CALLER, texts("Hi", "there"))
    stream = await shelf.source.stream(0)
    stream.vector(0, b"first")
    stream.vector(1, b"second")
    stream.finish()

    assert await read(run) == [
        Embedded(0, b"first"),
        Embedded(1, b"second"),
        ChoiceFinished(0, FinishReason.STOP),
        Settled(TokenUsage(prompt_tokens=7, cached_tokens=0, completion_tokens=0)),
    ]


async def test_the_charge_is_the_sum_over_inputs_which_do_not_see_each_other(shelf: Box):
    run = await shelf.generator.start(CALLER, texts("a" * 30, "b" * 20, "c" * 10))
    (await shelf.source.stream(0)).finish()
    await run.ended()

    outcome, meters = shelf.ledger.settled["req_1"]
    hold = shelf.ledger.holds["req_1"]
    assert outcome is Outcome.COMPLETED
    assert (meters.prompt_tokens, meters.completion_tokens) == (60, 0)
    assert (
        meters.gflop
        == hold.gflop
        == hold.gflop_of_prompt
        == gflop_of_inputs(shelf.model.shapes, [30, 20, 10])
    )
    assert (hold.prompt_tokens, hold.max_completion_tokens, hold.gflop_per_token) == (60, 0, 0)


def test_the_sum_is_rounded_up_once_and_knows_that_attention_is_within_an_input():
    small = ModelShapes(1000, 4, 4, 16, 16, 64, 256)
    assert gflop_of_inputs(small, [1] * 100) == 1

    shapes = ModelShapes(10**6, 400, 64, 128, 128, 64, 256)
    apart = gflop_of_inputs(shapes, [500, 500])
    together = gflop(shapes, prompt_tokens=1000, cached_tokens=0, generated_tokens=0)
    alone = gflop(shapes, prompt_tokens=500, cached_tokens=0, generated_tokens=0)
    assert 2 * alone - 2 < apart <= 2 * alone
    assert apart < 0.7 * together


async def test_a_crash_is_charged_for_once_the_first_vector_was_made(shelf: Box):
    run = await shelf.generator.start(CALLER, texts("Hi", "there"))
    stream = await shelf.source.stream(0)
    assert shelf.generator.runs.marks() == []

    stream.vector(0, b"first")
    async with asyncio.timeout(5):
        await anext(aiter(run))

    (mark,) = shelf.generator.runs.marks()
    assert (mark.prompt_tokens, mark.completion_tokens) == (7, 0)
    stream.finish()
    await run.ended()


async def test_a_request_that_broke_is_settled_as_failed(shelf: Box):
    run = await shelf.generator.start(CALLER, texts("Hi"))
    (await shelf.source.stream(0)).fail("replica_failed")

    with pytest.raises(ReplicaFailed):
        await read(run)
    assert shelf.ledger.settled["req_1"][0] is Outcome.FAILED


async def test_a_client_that_left_ends_the_work(shelf: Box):
    run = await shelf.generator.start(CALLER, texts("Hi"))
    stream = await shelf.source.stream(0)

    await run.aclose()

    await asyncio.wait_for(stream.cancelled.wait(), 5)
    await run.ended()
    assert shelf.ledger.settled["req_1"][0] is Outcome.CANCELLED


async def test_a_refused_reservation_sends_nothing_out(shelf: Box):
    shelf.ledger.refuse = True

    with pytest.raises(BudgetExhausted):
        await shelf.generator.start(CALLER, texts("Hi"))

    assert shelf.source.streams == []
    assert shelf.queue.waiting == 0


async def test_a_prompt_is_refused_by_a_model_that_makes_vectors(shelf: Box):
    with pytest.raises(BadRequest, match="/v1/embeddings") as refused:
        await shelf.generator.start(CALLER, GenerationRequest("req_2", "m", TextPrompt("Hi")))

    assert refused.value.param == "model"


async def test_texts_are_refused_by_a_model_that_answers(box: Box):
    with pytest.raises(BadRequest, match="`embeds`") as refused:
        await box.generator.start(CALLER, texts("Hi"))

    assert refused.value.param == "model"


async def test_more_dimensions_than_there_are_are_refused_with_how_many_there_are(shelf: Box):
    with pytest.raises(BadRequest, match=f"{SIZE} dimensions") as refused:
        await shelf.generator.start(CALLER, texts("Hi", dimensions=SIZE + 1))

    assert refused.value.param == "dimensions"
    run = await shelf.generator.start(CALLER, texts("Hi", dimensions=SIZE))
    run.cancel()
    await run.ended()


async def test_an_input_over_the_context_is_named_by_its_number(shelf: Box):
    with pytest.raises(ContextLengthExceeded, match="Input 1 has 101 tokens") as refused:
        await shelf.generator.start(CALLER, texts("a" * 100, "b" * 101, "c"))

    assert refused.value.param == "input"


async def test_an_input_that_the_preparer_finds_too_long_is_named_as_well(shelf: Box):
    async def prepare(prompt, answer_format=None) -> PreparedPrompt:
        if prompt == TextPrompt("long"):
            raise ContextLengthExceeded("The prompt is too long.")
        return PreparedPrompt((1,))

    shelf.model.preparer.prepare = prepare

    with pytest.raises(ContextLengthExceeded, match="Input 2: The prompt is too long"):
        await shelf.generator.start(CALLER, texts("a", "b", "long"))


async def test_inputs_over_what_a_replica_takes_together_are_refused(shelf: Box):
    with pytest.raises(ContextLengthExceeded, match="Send fewer at once"):
        await shelf.generator.start(CALLER, texts(*["a" * 100] * 11))


async def test_inputs_of_two_people_take_turns_at_the_preparer(shelf: Box):
    seen: list[str] = []
    gate = asyncio.Event()

    async def prepare(prompt, answer_format=None) -> PreparedPrompt:
        seen.append(prompt.text)
        await gate.wait()
        return PreparedPrompt((1,))

    shelf.model.preparer.prepare = prepare
    other = replace(CALLER, key_id="k2", person_id="bob")
    first = asyncio.ensure_future(shelf.generator.start(CALLER, texts("a1", "a2", "a3")))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(shelf.generator.start(other, replace(texts("b1"), id="req_2")))
    await asyncio.sleep(0)

    gate.set()
    runs = await asyncio.gather(first, second)

    assert seen.index("b1") < seen.index("a3")
    for run in runs:
        run.cancel()
        await run.ended()


async def test_all_tokens_of_the_inputs_count_for_whose_turn_it_is(shelf: Box):
    run = await shelf.generator.start(CALLER, texts("a" * 90, "b" * 90))

    (line,) = shelf.queue._lines.values()
    (bill,) = [one for one in line._accounts.values() if one.projects]
    assert [account.served for account in bill.projects.values()] == [180]
    run.cancel()
    await run.ended()
