"""Several choices of one request: held, counted and charged as what they are together."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import (
    Alternative,
    ChoiceFinished,
    FinishReason,
    PromptScored,
    SamplingWishes,
    Settled,
    TextDelta,
    TokenLogprob,
    TokenUsage,
)
from appliance.domain.usage import Outcome
from appliance.engines.base import Finished, PromptLogprobs, Tokens, ToldToken, TopToken
from appliance.errors import BadRequest, ContextLengthExceeded
from appliance.policy.flops import gflop
from tests.generation.fakes import CALLER, Box


async def events_of(run):
    async with asyncio.timeout(5):
        return [event async for event in run]


def finished(stream, choice: int, tokens: int) -> Finished:
    return Finished(stream.work.id, choice, FinishReason.STOP, "", 5, 0, tokens, 1.0)


async def test_the_tokens_of_all_choices_are_counted_and_the_prompt_once(box: Box):
    run = await box.generator.start(CALLER, box.request(n=2, max_tokens=30))
    stream = await box.source.stream(0)
    for choice in (0, 1, 1):
        stream.tell(Tokens(stream.work.id, choice, (7,), f"{choice}"))
    stream.tell(finished(stream, 1, 2))
    stream.tell(finished(stream, 0, 1))
    events = await events_of(run)
    assert events == [
        TextDelta(0, "0"),
        TextDelta(1, "1"),
        TextDelta(1, "1"),
        ChoiceFinished(1, FinishReason.STOP),
        ChoiceFinished(0, FinishReason.STOP),
        Settled(TokenUsage(prompt_tokens=5, cached_tokens=0, completion_tokens=3)),
    ]
    outcome, meters = box.ledger.settled["req_1"]
    shapes = box.model.shapes
    alone = gflop(shapes, prompt_tokens=5, cached_tokens=0, generated_tokens=1)
    assert outcome is Outcome.COMPLETED
    assert meters.gflop == gflop(shapes, prompt_tokens=5, cached_tokens=0, generated_tokens=[1, 2])
    assert alone < meters.gflop < 2 * alone


async def test_a_hold_covers_the_longest_answer_of_every_choice(box: Box):
    await box.generator.start(CALLER, box.request(n=2, max_tokens=30))
    hold = box.ledger.holds["req_1"]
    assert hold.max_completion_tokens == 60
    assert hold.gflop == gflop(box.model.shapes, prompt_tokens=5, cached_tokens=0, generated_tokens=[30, 30])


async def test_a_request_that_fails_is_charged_for_what_its_choices_were_seen_to_make(box: Box):
    run = await box.generator.start(CALLER, box.request(n=2, max_tokens=30))
    stream = await box.source.stream(0)
    for choice in (0, 1, 1):
        stream.tell(Tokens(stream.work.id, choice, (7,), "a"))
    stream.tell(finished(stream, 1, 2))
    stream.fail("replica_failed")
    await run.ended()
    outcome, meters = box.ledger.settled["req_1"]
    assert (outcome, meters.completion_tokens) == (Outcome.FAILED, 3)


async def test_more_choices_than_the_model_computes_at_once_are_refused(box: Box):
    with pytest.raises(BadRequest, match="at most 2 answers") as refused:
        await box.generator.start(CALLER, box.request(n=3))
    assert refused.value.param == "n"


async def test_choices_that_do_not_fit_the_memory_together_are_refused_or_made_shorter(box: Box):
    object.__setattr__(box.model, "capacity", type(box.model.capacity)(60, 2))
    with pytest.raises(ContextLengthExceeded, match="at most 27 tokens each") as refused:
        await box.generator.start(CALLER, box.request(n=2, max_tokens=30))
    assert refused.value.param == "n"
    object.__setattr__(box.model, "capacity", type(box.model.capacity)(25, 2))
    await box.generator.start(CALLER, box.request(n=2))
    assert box.ledger.holds["req_2"].max_completion_tokens == 20


async def test_a_bias_on_a_token_that_the_model_does_not_have_is_refused(box: Box):
    await box.generator.start(CALLER, box.request(sampling=SamplingWishes(logit_bias=((255, 1.0),))))
    with pytest.raises(BadRequest) as refused:
        await box.generator.start(CALLER, box.request(sampling=SamplingWishes(logit_bias=((256, 1.0),))))
    assert refused.value.param == "logit_bias"


async def test_a_prompt_may_fill_the_context_where_nothing_but_its_scores_is_asked_for(box: Box):
    object.__setattr__(box.model, "shapes", replace(box.model.shapes, vocabulary=10**6))
    asked = {"max_tokens": 0, "prompt_logprobs": 1}
    run = await box.generator.start(CALLER, box.request("x" * 100, **asked))
    stream = await box.source.stream(0)
    told = ToldToken(120, b"x", -0.5, (TopToken(121, b"y", -0.25),))
    stream.tell(PromptLogprobs(stream.work.id, 1, (told,)))
    stream.finish(FinishReason.LENGTH)
    events = await events_of(run)
    assert events[0] == PromptScored(1, (TokenLogprob(120, b"x", -0.5, (Alternative(121, b"y", -0.25),)),))
    meters = box.ledger.settled["req_1"][1]
    plain = gflop(box.model.shapes, prompt_tokens=100, cached_tokens=0, generated_tokens=0)
    scored = gflop(box.model.shapes, prompt_tokens=100, cached_tokens=0, generated_tokens=0, scored_tokens=99)
    assert (meters.completion_tokens, meters.gflop) == (0, scored)
    assert scored > plain
    with pytest.raises(ContextLengthExceeded):
        await box.generator.start(CALLER, box.request("x" * 101, **asked))


async def test_only_positions_from_the_first_wanted_one_are_charged_as_scored(box: Box):
    await box.generator.start(CALLER, box.request("x" * 50, max_tokens=0, prompt_logprobs=0, score_from=48))
    hold = box.ledger.holds["req_1"]
    assert hold.gflop == gflop(
        box.model.shapes, prompt_tokens=50, cached_tokens=0, generated_tokens=0, scored_tokens=2
    )
