"""Requests to a model that is hosted elsewhere: what is refused, what is held, what is charged."""

from dataclasses import replace

import pytest

from appliance.domain.generation import EmbeddingRequest, FinishReason, SamplingWishes, ServiceClass
from appliance.domain.prompts import AnswerFormat, ChatPrompt, Message, TextPrompt, TokenPrompt, Tool
from appliance.domain.upstream import Price, Upstream
from appliance.domain.usage import PRICE_METHOD, Outcome
from appliance.engines.base import Failed, Finished
from appliance.errors import BadRequest, UpstreamBusy
from appliance.upstreams.work import Remote
from tests.generation.fakes import CALLER

PRICE = Price(2_000_000, 1_000_000, 5_000_000)


@pytest.fixture
def far(box):
    """The box's model, hosted elsewhere."""

    def make(*features: str) -> None:
        there = Upstream(
            "lab", "https://api.example.org/v1", "m", "", PRICE, frozenset(features or ("chat",))
        )
        box.model = replace(box.model, remote=there)
        box.generator._models = box

    return make


async def test_the_work_has_the_prompt_as_it_was_asked(box, far):
    far()
    run = await box.generator.start(CALLER, box.request("Hello", max_tokens=10))
    stream = await box.source.stream(0)
    assert isinstance(stream.work, Remote)
    assert stream.work.asked == ChatPrompt((Message("user", "Hello"),))
    assert run.accepted.leaves_box == "api.example.org"
    assert run.accepted.seed == 0
    stream.finish()
    await run.ended()


async def test_what_is_held_and_charged_is_by_price(box, far):
    far()
    run = await box.generator.start(CALLER, box.request("Hello", max_tokens=10))
    hold = run.hold
    assert (hold.method, hold.gflop_per_token) == (PRICE_METHOD, 5)
    assert hold.gflop == (5 + 64) * 2 + 10 * 5
    stream = await box.source.stream(0)
    stream.tell(Finished(stream.work.id, 0, FinishReason.STOP, "", 9, 4, 3, 0.0))
    await run.ended()
    outcome, meters = box.ledger.settled[hold.request_id]
    assert outcome is Outcome.COMPLETED
    assert (meters.prompt_tokens, meters.cached_tokens, meters.completion_tokens) == (9, 4, 3)
    assert meters.gflop == 5 * 2 + 4 * 1 + 3 * 5


async def test_a_refusal_costs_nothing_and_says_when_to_come_again(box, far):
    far()
    run = await box.generator.start(CALLER, box.request("Hello"))
    stream = await box.source.stream(0)
    stream.tell(Failed(stream.work.id, "upstream_busy", "Later.", retry_after_s=30, nothing_used=True))
    with pytest.raises(UpstreamBusy) as refused:
        [event async for event in run]
    assert refused.value.retry_after_s == 30
    assert box.ledger.settled[run.hold.request_id][1].gflop == 0


ASKS = {
    "no embeddings": {"embed": True},
    "no batches": {"service_class": ServiceClass.OVERNIGHT},
    "does not score": {"prompt_logprobs": 1},
    "no token ids": {"prompt": TokenPrompt((1, 2))},
    "`logit_bias`": {"sampling": SamplingWishes(logit_bias=((1, 5.0),))},
    "`prompt`": {"prompt": TextPrompt("x")},
    "`tools`": {"prompt": ChatPrompt((Message("user", "x"),), (Tool("f", "", "{}"),))},
    "`response_format`": {"answer_format": AnswerFormat()},
    "`logprobs`": {"logprobs": 2},
    "`seed`": {"sampling": SamplingWishes(seed=1)},
    "`top_k`": {"sampling": SamplingWishes(top_k=1)},
}


@pytest.mark.parametrize("says", ASKS)
async def test_what_its_host_does_not_take_is_refused_by_name(box, far, says):
    far()
    asked = dict(ASKS[says])
    if asked.pop("embed", False):
        request = EmbeddingRequest("r", "m", (TextPrompt("x"),))
    else:
        request = replace(box.request("Hello"), **asked)
    with pytest.raises(BadRequest, match=says):
        await box.generator.start(CALLER, request)
    assert not box.ledger.holds


async def test_what_its_host_takes_is_sent(box, far):
    far("chat", "logprobs", "seed", "sampling")
    request = box.request("Hello", logprobs=2, sampling=SamplingWishes(seed=9, top_k=3, temperature=1.0))
    run = await box.generator.start(CALLER, request)
    work = (await box.source.stream(0)).work
    assert (work.logprobs, work.sampling.seed, run.accepted.seed) == (2, 9, 9)
    assert work.stated == {"temperature", "top_k"}
    (await box.source.stream(0)).finish()
    await run.ended()
