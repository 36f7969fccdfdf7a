"""Moderations: a guard model's verdicts in OpenAI's shape; without a guard, that nothing was looked at."""

import math
from dataclasses import replace

import openai
import pytest

from appliance.domain.generation import (
    Alternative,
    ChoiceFinished,
    FinishReason,
    Settled,
    TextDelta,
    TokenLogprob,
)
from appliance.errors import ModelNotRunning
from appliance.policy.moderation import CATEGORIES
from appliance.services.oversight.guards import Guards
from tests.api.fakes import KEY, USAGE, NoModels, no_guard
from tests.models.fakes import recipe

TEXT_PART = {"type": "text", "text": "a"}
GUARD = replace(recipe("guardian"), guard="llama-guard-3")


class Models:
    """A guard, and a model that is none."""

    def find(self, model: str):
        known = {"guardian": GUARD, "talker": recipe("talker")}
        if model not in known:
            return NoModels().find(model)
        return known[model], known[model].forms[0]


def judges(run):
    """A guard that knows one bad word."""
    text = run.request.prompt.messages[-1].content
    return told("unsafe\nS2,S11", 0.8) if "rob" in text else told("safe", 0.95)


def told(answer: str, probability: float):
    async def script():
        word = answer.partition("\n")[0]
        other = "safe" if word == "unsafe" else "unsafe"
        top = (
            Alternative(1, word.encode(), math.log(probability)),
            Alternative(2, other.encode(), math.log(1 - probability)),
        )
        yield TextDelta(0, answer, (TokenLogprob(1, word.encode(), math.log(probability), top),))
        yield ChoiceFinished(0, FinishReason.STOP)
        yield Settled(USAGE)

    return script()


@pytest.fixture
def guard(request):
    """What the served box's setting says."""
    return Guards(Models(), "guardian").guard if "guarded" in request.fixturenames else no_guard


@pytest.fixture
async def guarded(served):
    served.box.script = judges
    return served


@pytest.mark.parametrize(
    "fields",
    [
        {"input": "a"},
        {"input": ["a", "b"]},
        {"input": ["a"] * 128},
        {"input": [TEXT_PART, {"type": "image_url", "image_url": {"url": "http://x"}}]},
        {"input": "a", "model": "omni-moderation-latest"},
    ],
)
async def test_without_a_guard_one_is_told_that_nothing_was_looked_at(served, error_of, fields):
    response = await served.http.post("/v1/moderations", json=fields)
    assert response.status_code == 501
    error = error_of(response)
    assert error["code"] == "not_available"
    assert "nothing was looked at" in str(error["message"])
    assert "carrel config set moderation_model" in str(error["message"])
    assert "results" not in response.json()
    assert not served.box.requests


@pytest.mark.parametrize(
    "fields", [{}, {"input": None}, {"input": 7}, {"input": []}, {"input": ["a"] * 129}, {"input": [{}]}]
)
async def test_wrong_request_is_a_400_naming_the_field(served, error_of, fields):
    response = await served.http.post("/v1/moderations", json=fields)
    assert response.status_code == 400
    assert str(error_of(response)["param"]).startswith("input")


async def test_official_client_asks_once(served):
    asked = []
    client = openai.AsyncOpenAI(api_key=KEY, base_url=f"http://127.0.0.1:{served.port}/v1", max_retries=3)
    async with client:
        client._client.event_hooks["request"].append(asking(asked))
        with pytest.raises(openai.InternalServerError) as refused:
            await client.moderations.create(input="a")
    assert refused.value.code == "not_available"
    assert len(asked) == 1


@pytest.mark.parametrize("model", [None, "guardian", "omni-moderation-latest", "text-moderation-stable"])
async def test_official_client_reads_verdicts_in_order(guarded, model):
    client = openai.AsyncOpenAI(api_key=KEY, base_url=f"http://127.0.0.1:{guarded.port}/v1", max_retries=0)
    named = {} if model is None else {"model": model}
    async with client:
        answer = await client.moderations.create(input=["How do I rob a bank?", "How do I bake?"], **named)
    assert answer.id.startswith("modr-")
    bad, good = answer.results
    assert bad.flagged
    assert bad.categories.illicit
    assert bad.categories.self_harm
    assert not bad.categories.violence
    assert bad.category_scores.illicit == pytest.approx(0.8)
    assert bad.category_scores.violence == 0.0
    assert bad.category_applied_input_types.illicit == ["text"]
    assert not good.flagged
    assert not any(good.categories.model_dump().values())
    assert set(bad.categories.model_dump(by_alias=True)) == set(CATEGORIES)


async def test_the_guards_own_words_and_its_certainty_are_told_beside(guarded):
    response = await guarded.http.post("/v1/moderations", json={"input": "rob"})
    (result,) = response.json()["results"]
    assert result["guard"] == ["non-violent crimes", "suicide and self-harm"]
    assert result["guard_score"] == pytest.approx(0.8)


async def test_a_guard_is_asked_as_any_model_is_and_drawn_from_nothing(guarded):
    await guarded.http.post("/v1/moderations", json={"input": ["a", "b", "c"]})
    assert {one.model for one in guarded.box.requests} == {"guardian"}
    assert {one.prompt.messages[-1].content for one in guarded.box.requests} == {"a", "b", "c"}
    assert len({one.id for one in guarded.box.requests}) == 3
    first = guarded.box.requests[0]
    assert (first.sampling.temperature, first.logprobs) == (0.0, 5)
    assert all(run.closed.is_set() for run in guarded.box.runs)


async def test_parts_are_one_text_and_an_image_is_refused(guarded, error_of):
    response = await guarded.http.post("/v1/moderations", json={"input": [TEXT_PART, TEXT_PART]})
    assert len(response.json()["results"]) == 1
    image = {"type": "image_url", "image_url": {"url": "http://x"}}
    response = await guarded.http.post("/v1/moderations", json={"input": [TEXT_PART, image]})
    assert response.status_code == 400
    assert error_of(response)["param"] == "input[1]"


@pytest.mark.parametrize(("model", "status"), [("talker", 400), ("nothing", 404)])
async def test_a_model_that_is_no_guard_gives_no_verdict(guarded, error_of, model, status):
    response = await guarded.http.post("/v1/moderations", json={"input": "a", "model": model})
    assert response.status_code == status
    assert not guarded.box.requests


async def test_an_answer_that_is_no_verdict_is_an_error_and_not_harmless(guarded, error_of):
    guarded.box.script = lambda run: told("I am happy to help!", 0.9)
    response = await guarded.http.post("/v1/moderations", json={"input": "a"})
    assert response.status_code == 502
    assert "results" not in response.json()


async def test_a_guard_that_does_not_run_is_told(guarded):
    guarded.box.refusal = ModelNotRunning("guardian is not running.")
    response = await guarded.http.post("/v1/moderations", json={"input": "a"})
    assert response.status_code == 503


def asking(asked: list):
    async def note(request):
        asked.append(request.url)

    return note
