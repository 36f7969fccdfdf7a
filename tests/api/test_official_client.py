"""The official OpenAI client works unchanged against the public app."""

import openai
import pytest

from appliance.errors import BudgetExhausted, ModelNotFound, ReplicaFailed
from tests.api.fakes import KEY, fails_after

MESSAGES = [{"role": "user", "content": "Hi"}]


@pytest.fixture
async def client(served):
    async with openai.AsyncOpenAI(
        api_key=KEY, base_url=f"http://127.0.0.1:{served.port}/v1", max_retries=0
    ) as one:
        yield one


async def test_client_reads_a_whole_answer(client):
    answer = await client.chat.completions.create(model="tiny", messages=MESSAGES, max_completion_tokens=5)
    assert answer.choices[0].message.content == "Hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 10
    assert answer.usage.prompt_tokens_details.cached_tokens == 2
    assert answer.system_fingerprint.startswith("crl-")


async def test_client_reads_a_stream(client):
    stream = await client.chat.completions.create(
        model="tiny", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello there"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 3


async def test_client_reads_completions_whole_and_streamed(client):
    whole = await client.completions.create(model="tiny", prompt="Hi")
    assert whole.choices[0].text == "Hello there"
    stream = await client.completions.create(model="tiny", prompt="Hi", stream=True)
    assert "".join([chunk.choices[0].text async for chunk in stream]) == "Hello there"


async def test_client_lists_models(client):
    listed = [model.id async for model in client.models.list()]
    assert listed == ["tiny", "tiny-1.5@f16", "lab/Tiny:chat"]
    for name in listed:
        assert (await client.models.retrieve(name)).id == name


async def test_client_raises_its_own_errors_for_ours(client, served):
    with pytest.raises(openai.BadRequestError) as bad:
        await client.chat.completions.create(model="tiny", messages=MESSAGES, temperature=9)
    assert (bad.value.param, bad.value.code) == ("temperature", "invalid_request")
    assert bad.value.request_id.startswith("req_")
    served.box.refusal = ModelNotFound("No such model.", param="model")
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.create(model="other", messages=MESSAGES)
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="wrong").models.list()


async def test_client_does_not_repeat_a_request_that_no_budget_covers(client, served):
    served.box.refusal = BudgetExhausted("The budget is spent.")
    with pytest.raises(openai.RateLimitError):
        await client.with_options(max_retries=3).chat.completions.create(model="tiny", messages=MESSAGES)
    assert len(served.box.requests) == 1


async def test_client_notices_that_a_stream_failed(client, served):
    served.box.script = fails_after("Hel", error=ReplicaFailed("The model's process died; send it again."))
    stream = await client.chat.completions.create(model="tiny", messages=MESSAGES, stream=True)
    with pytest.raises(openai.APIError) as failed:
        async for _ in stream:
            pass
    assert failed.value.code == "replica_failed"
