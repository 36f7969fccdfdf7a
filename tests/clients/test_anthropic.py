"""The `anthropic` package, unchanged, against a real box."""

import anthropic
import pytest

from tests.clients.conftest import MODEL

ASK = [{"role": "user", "content": "How do I make a key?"}]
TOOL = {
    "name": "weather",
    "description": "The weather of a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"enum": ["Oslo", "Rome"]}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


@pytest.fixture(scope="module")
def client(box, key):
    with anthropic.Anthropic(base_url=box.url.removesuffix("/v1"), api_key=key, max_retries=0) as one:
        yield one


def test_a_message_is_answered(client):
    answer = client.messages.create(
        model=MODEL, messages=ASK, max_tokens=32, extra_body={"temperature": 0}, system="Be brief."
    )
    assert answer.role == "assistant"
    assert answer.stop_reason == "end_turn"
    assert answer.content[0].type == "text"
    assert answer.usage.output_tokens > 0


def test_a_stream_says_what_the_whole_answer_says(client):
    whole = client.messages.create(model=MODEL, messages=ASK, max_tokens=32, extra_body={"temperature": 0})
    asked = {"model": MODEL, "messages": ASK, "max_tokens": 32, "extra_body": {"temperature": 0}}
    with client.messages.stream(**asked) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == whole.content[0].text
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_a_limit_and_a_stop_sequence_are_told_apart(client):
    short = client.messages.create(model=MODEL, messages=ASK, max_tokens=2, extra_body={"temperature": 0})
    assert short.stop_reason == "max_tokens"
    stopped = client.messages.create(
        model=MODEL, messages=ASK, max_tokens=32, extra_body={"temperature": 0}, stop_sequences=["key"]
    )
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "key")


def test_a_tool_is_used_and_its_result_read(client):
    answer = client.messages.create(
        model=MODEL,
        messages=ASK,
        max_tokens=96,
        extra_body={"temperature": 0},
        tools=[TOOL],
        tool_choice={"type": "tool", "name": "weather"},
    )
    assert answer.stop_reason == "tool_use"
    use = next(one for one in answer.content if one.type == "tool_use")
    assert use.input["city"] in {"Oslo", "Rome"}
    turns = [
        *ASK,
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": use.id, "name": use.name, "input": use.input}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "rain"}]},
    ]
    assert (
        client.messages.create(model=MODEL, messages=turns, max_tokens=8, tools=[TOOL]).usage.input_tokens
        > 30
    )


def test_tokens_are_counted_as_they_are_charged(client):
    counted = client.messages.count_tokens(model=MODEL, messages=ASK)
    used = client.messages.create(model=MODEL, messages=ASK, max_tokens=1).usage
    assert counted.input_tokens == used.input_tokens + (used.cache_read_input_tokens or 0)


def test_errors_are_the_ones_that_the_client_knows(client, box):
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="no-such", messages=ASK, max_tokens=1)
    with pytest.raises(anthropic.BadRequestError):
        client.messages.create(model=MODEL, messages=ASK, max_tokens=0)
    stranger = anthropic.Anthropic(base_url=box.url.removesuffix("/v1"), api_key="crl_wrong")
    with stranger, pytest.raises(anthropic.AuthenticationError):
        stranger.messages.create(model=MODEL, messages=ASK, max_tokens=1)
