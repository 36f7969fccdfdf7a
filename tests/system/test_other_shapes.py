"""The Responses API and the Messages API of a real box, through the official clients."""

import json
from collections.abc import Iterator

import anthropic
import openai
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

QUESTION = "Which port does Carrel listen on?"
MODEL = "handbook-tiny"
TURNS = [{"role": "user", "content": QUESTION}]
SCHEMA = {
    "type": "object",
    "properties": {"port": {"type": "integer", "minimum": 0, "maximum": 65535}},
    "required": ["port"],
    "additionalProperties": False,
}
GREEDY = {"temperature": 0}


@pytest.fixture
def openai_client(box: RealBox, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=box.url, api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture
def anthropic_client(box: RealBox, key: str) -> Iterator[anthropic.Anthropic]:
    url = box.url.removesuffix("/v1")
    with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        yield client


def test_three_shapes_give_the_same_answer(openai_client, anthropic_client):
    chat = openai_client.chat.completions.create(model=MODEL, messages=TURNS, temperature=0)
    response = openai_client.responses.create(model=MODEL, input=QUESTION, temperature=0)
    message = anthropic_client.messages.create(model=MODEL, max_tokens=64, messages=TURNS, extra_body=GREEDY)
    with openai_client.responses.stream(model=MODEL, input=QUESTION, temperature=0) as stream:
        streamed_response = stream.until_done().get_final_response()
    with anthropic_client.messages.stream(
        model=MODEL, max_tokens=64, messages=TURNS, extra_body=GREEDY
    ) as stream:
        streamed_message = stream.get_final_message()
    texts = {
        chat.choices[0].message.content,
        response.output_text,
        message.content[0].text,
        streamed_response.output_text,
        streamed_message.content[0].text,
    }
    assert len(texts) == 1
    assert "7411" in texts.pop()
    assert response.usage.output_tokens == message.usage.output_tokens == streamed_message.usage.output_tokens


def test_tokens_are_counted_as_they_are_charged(anthropic_client):
    tools = [{"name": "look", "description": "Looks somewhere.", "input_schema": SCHEMA}]
    for more in ({}, {"system": "Be brief."}, {"tools": tools}):
        counted = anthropic_client.messages.count_tokens(model=MODEL, messages=TURNS, **more)
        usage = anthropic_client.messages.create(model=MODEL, max_tokens=1, messages=TURNS, **more).usage
        assert counted.input_tokens == usage.input_tokens + usage.cache_read_input_tokens


def test_answer_says_which_stop_sequence_ended_it(anthropic_client):
    ask = {"model": MODEL, "max_tokens": 64, "messages": TURNS, "extra_body": GREEDY}
    whole = anthropic_client.messages.create(**ask)
    cut = anthropic_client.messages.create(**ask, stop_sequences=["never", "7411"])
    assert (cut.stop_reason, cut.stop_sequence) == ("stop_sequence", "7411")
    assert cut.content[0].text == whole.content[0].text.split("7411")[0]
    assert (whole.stop_reason, whole.stop_sequence) == ("end_turn", None)


def test_answers_keep_to_a_schema(openai_client, anthropic_client):
    form = {"type": "json_schema", "name": "answer", "schema": SCHEMA}
    response = openai_client.responses.create(
        model=MODEL, input=QUESTION, text={"format": form}, max_output_tokens=64
    )
    message = anthropic_client.messages.create(
        model=MODEL,
        max_tokens=64,
        messages=TURNS,
        output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
    )
    for text in (response.output_text, message.content[0].text):
        assert isinstance(json.loads(text)["port"], int)


def test_call_that_must_be_made_is_made(openai_client, anthropic_client):
    response = openai_client.responses.create(
        model=MODEL,
        input=QUESTION,
        tools=[{"type": "function", "name": "look", "parameters": SCHEMA, "strict": True}],
        tool_choice={"type": "function", "name": "look"},
        parallel_tool_calls=False,
        max_output_tokens=96,
    )
    (call,) = response.output
    assert (call.type, call.name) == ("function_call", "look")
    assert isinstance(json.loads(call.arguments)["port"], int)
    message = anthropic_client.messages.create(
        model=MODEL,
        max_tokens=96,
        messages=TURNS,
        tools=[{"name": "look", "input_schema": SCHEMA}],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
    )
    assert message.stop_reason == "tool_use"
    (block,) = message.content
    assert isinstance(block.input["port"], int)


def test_logprobs_of_a_response_are_those_of_its_text(openai_client):
    response = openai_client.responses.create(
        model=MODEL,
        input=QUESTION,
        temperature=0,
        include=["message.output_text.logprobs"],
        top_logprobs=2,
    )
    part = response.output[0].content[0]
    told = b"".join(bytes(one.bytes) for one in part.logprobs).decode()
    assert told.startswith(part.text)
    assert all(one.logprob <= 0 and len(one.top_logprobs) == 2 for one in part.logprobs)
    assert all(one.top_logprobs[0].logprob >= one.logprob - 1e-6 for one in part.logprobs)
