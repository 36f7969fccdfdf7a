"""The `openai` package, unchanged, against a real box."""

import io
import json
import struct
import time
from base64 import b64decode

import httpx
import openai
import pytest
from pydantic import BaseModel

from tests.clients.conftest import MODEL, VECTORS

ASK = [{"role": "user", "content": "How do I make a key?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"enum": ["Oslo", "Rome"]},
                "days": {"type": "integer", "minimum": 1, "maximum": 9},
            },
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}


class Verdict(BaseModel):
    """A small answer with a shape."""

    kind: bool
    grade: int


@pytest.fixture(scope="module")
def client(box, key):
    with openai.OpenAI(base_url=box.url, api_key=key, max_retries=0, timeout=120) as one:
        yield one


def test_a_chat_is_answered_and_counted(client):
    answer = client.chat.completions.create(model=MODEL, messages=ASK, temperature=0, max_tokens=32)
    assert "carrel key new" in (answer.choices[0].message.content or "")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.system_fingerprint.startswith("crl-")


def test_a_stream_says_what_the_whole_answer_says(client):
    whole = client.chat.completions.create(model=MODEL, messages=ASK, temperature=0, max_tokens=32)
    chunks = list(
        client.chat.completions.create(
            model=MODEL,
            messages=ASK,
            temperature=0,
            max_tokens=32,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


async def test_many_asynchronous_streams_end(box, key):
    async with openai.AsyncOpenAI(base_url=box.url, api_key=key) as client:
        stream = await client.chat.completions.create(
            model=MODEL, messages=ASK, temperature=0, max_tokens=16, stream=True
        )
        reasons = [one.choices[0].finish_reason async for one in stream]
    assert reasons[-1] in {"stop", "length"}


def test_three_choices_have_seeds_of_their_own(client):
    answer = client.chat.completions.create(
        model=MODEL, messages=ASK, temperature=1.5, max_tokens=12, n=3, seed=5
    )
    assert [one.index for one in answer.choices] == [0, 1, 2]
    assert len({one.message.content for one in answer.choices}) > 1


def test_log_probabilities_come_with_the_best_alternatives(client):
    answer = client.chat.completions.create(
        model=MODEL, messages=ASK, temperature=0, max_tokens=8, logprobs=True, top_logprobs=3
    )
    told = answer.choices[0].logprobs.content
    assert len(told) == answer.usage.completion_tokens
    assert all(one.top_logprobs[0].logprob == pytest.approx(one.logprob, abs=1e-6) for one in told)
    assert all(len(one.top_logprobs) == 3 for one in told)


def test_a_tool_that_must_be_called_is_called_with_arguments_of_its_schema(client):
    answer = client.chat.completions.create(
        model=MODEL,
        messages=ASK,
        tools=[WEATHER],
        tool_choice="required",
        parallel_tool_calls=False,
        max_tokens=96,
        temperature=0,
    )
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    arguments = json.loads(call.function.arguments)
    assert call.function.name == "weather"
    assert arguments["city"] in {"Oslo", "Rome"}
    assert 1 <= arguments["days"] <= 9


def test_a_streamed_tool_call_is_the_same_as_a_whole_one(client):
    asked = {
        "model": MODEL,
        "messages": ASK,
        "tools": [WEATHER],
        "temperature": 0,
        "max_tokens": 96,
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
    }
    whole = client.chat.completions.create(**asked).choices[0].message.tool_calls[0].function
    name = arguments = ""
    for chunk in client.chat.completions.create(stream=True, **asked):
        for call in chunk.choices[0].delta.tool_calls or []:
            name += call.function.name or ""
            arguments += call.function.arguments or ""
    assert (name, json.loads(arguments)) == (whole.name, json.loads(whole.arguments))


def test_a_tool_result_is_read(client):
    turns = [
        *ASK,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Oslo","days":1}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ]
    answer = client.chat.completions.create(model=MODEL, messages=turns, tools=[WEATHER], max_tokens=8)
    assert answer.usage.prompt_tokens > 30


def test_a_pydantic_model_is_parsed(client):
    answer = client.chat.completions.parse(
        model=MODEL, messages=ASK, response_format=Verdict, max_tokens=64, temperature=0
    )
    assert isinstance(answer.choices[0].message.parsed, Verdict)


def test_any_json_object_can_be_asked_for(client):
    answer = client.chat.completions.create(
        model=MODEL,
        messages=ASK,
        response_format={"type": "json_object"},
        max_tokens=200,
        temperature=0,
        logit_bias={},
    )
    if answer.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(answer.choices[0].message.content), dict)


def test_completions_echo_the_prompt_with_its_log_probabilities(client):
    answer = client.completions.create(
        model=MODEL, prompt="What is a carrel?", max_tokens=0, echo=True, logprobs=1
    )
    told = answer.choices[0].logprobs
    assert answer.choices[0].text == "What is a carrel?"
    assert "".join(told.tokens) == "What is a carrel?"
    assert told.token_logprobs[0] is None
    assert all(one < 0 for one in told.token_logprobs[1:])
    assert told.text_offset[0] == 0
    assert answer.usage.completion_tokens == 0


def test_completions_take_several_prompts_as_tokens(client):
    answer = client.completions.create(
        model=MODEL, prompt=[[317, 282], [261, 381]], max_tokens=3, n=2, temperature=1, seed=1
    )
    assert [one.index for one in answer.choices] == [0, 1, 2, 3]
    assert answer.usage.prompt_tokens == 4


def test_embeddings_are_the_same_as_numbers_and_as_base64(client, box, key):
    default = client.embeddings.create(model=VECTORS, input=["one", "another"])
    numbers = client.embeddings.create(model=VECTORS, input=["one", "another"], encoding_format="float")
    for one, other in zip(default.data, numbers.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    body = {"model": VECTORS, "input": "one", "encoding_format": "base64"}
    raw = httpx.post(f"{box.url}/embeddings", json=body, headers={"authorization": f"Bearer {key}"}).json()
    packed = b64decode(raw["data"][0]["embedding"])
    assert struct.unpack(f"<{len(packed) // 4}f", packed) == pytest.approx(
        default.data[0].embedding, abs=1e-3
    )


def test_responses_are_created_streamed_and_parsed(client):
    whole = client.responses.create(
        model=MODEL, input="How do I make a key?", temperature=0, max_output_tokens=32
    )
    assert "carrel key new" in whole.output_text
    with client.responses.stream(
        model=MODEL, input="How do I make a key?", temperature=0, max_output_tokens=32
    ) as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_response().output_text == whole.output_text
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    parsed = client.responses.parse(
        model=MODEL, input="Judge.", text_format=Verdict, max_output_tokens=64, temperature=0
    )
    assert isinstance(parsed.output_parsed, Verdict)


def test_a_batch_of_lines_is_answered(client):
    lines = [
        {
            "custom_id": f"line-{number}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": MODEL, "messages": ASK, "max_tokens": 8, "temperature": 0},
        }
        for number in range(5)
    ] + [
        {
            "custom_id": "wrong",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "no-such", "messages": ASK},
        }
    ]
    content = "\n".join(map(json.dumps, lines)).encode()
    file = client.files.create(file=("lines.jsonl", io.BytesIO(content)), purpose="batch")
    assert client.files.content(file.id).read() == content
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    deadline = time.monotonic() + 120
    while batch.status not in {"completed", "failed"} and time.monotonic() < deadline:
        time.sleep(0.2)
        batch = client.batches.retrieve(batch.id)
    assert batch.status == "completed"
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (
        6,
        5,
        1,
    )
    answers = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
    assert sorted(one["custom_id"] for one in answers) == [f"line-{number}" for number in range(5)]
    assert all(one["response"]["status_code"] == 200 for one in answers)
    (error,) = [json.loads(line) for line in client.files.content(batch.error_file_id).text.splitlines()]
    assert error["custom_id"] == "wrong"
    client.files.delete(file.id)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)


def test_models_are_listed_and_described(client):
    assert {one.id for one in client.models.list()} == {MODEL, VECTORS}
    assert client.models.retrieve(MODEL).owned_by == "carrel"


def test_errors_are_the_ones_that_the_client_knows(client, box, key):
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="no-such", messages=ASK)
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model=MODEL, messages=ASK, temperature=9)
    assert wrong.value.param == "temperature"
    with (
        openai.OpenAI(base_url=box.url, api_key="crl_wrong") as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()
    lost = httpx.get(f"http://127.0.0.1:{box.port}/models", headers={"authorization": f"Bearer {key}"})
    assert lost.status_code == 404
    assert "/v1/models" in lost.json()["error"]["message"]


def test_answers_say_what_is_left_of_the_rate(client):
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=ASK, max_tokens=1)
    for name in (
        "limit-requests",
        "limit-tokens",
        "remaining-requests",
        "remaining-tokens",
        "reset-requests",
        "reset-tokens",
    ):
        assert raw.headers[f"x-ratelimit-{name}"]
    assert raw.headers["x-request-id"].startswith("req_")
