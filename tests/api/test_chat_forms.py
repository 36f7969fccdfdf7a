"""What turns may hold, the forms an answer can be asked for in, and what a model thinks first."""

import pytest

from appliance.domain.generation import FinishReason
from appliance.domain.prompts import AnswerFormat, Message
from tests.api.chat_scripts import CALL, WEATHER, choices_in, letters, says

THINK = ("<think>", "</think>")
IMAGE = {"type": "image_url", "image_url": {"url": "http://127.0.0.1/x.png"}}
HELLO = {"type": "text", "text": "Hi"}


@pytest.mark.parametrize(
    "part",
    [
        IMAGE,
        {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
        {"type": "file", "file": {"file_id": "x"}},
        {"type": "image", "source": {}},
        {"type": "refusal", "refusal": "No."},
        {"type": "text"},
    ],
)
async def test_part_that_is_no_text_is_refused_at_its_place(served, error_of, part):
    response = await served.chat(
        messages=[{"role": "user", "content": "x"}, {"role": "user", "content": [HELLO, part]}]
    )
    assert response.status_code == 400
    assert error_of(response)["param"] == "messages[1].content[1]"


async def test_what_the_model_refused_before_is_read_as_its_words(served):
    turns = [
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}, HELLO]},
        {
            "role": "assistant",
            "content": None,
            "refusal": "Never.",
            "reasoning_content": "Hm",
            "annotations": [],
        },
    ]
    assert (await served.chat(messages=turns)).status_code == 200
    assert served.box.requests[0].prompt.messages == (
        Message("assistant", "No.\nHi"),
        Message("assistant", "Never."),
    )


@pytest.mark.parametrize(
    ("turn", "param"),
    [
        ({"role": "user", "content": None}, "messages[0].content"),
        ({"role": "assistant", "content": None}, "messages[0].content"),
        ({"role": "assistant", "content": None, "tool_calls": []}, "messages[0].content"),
        ({"role": "assistant", "content": "x", "function_call": {"name": "x"}}, "messages[0].function_call"),
        ({"role": "assistant", "content": "x", "audio": {"id": "x"}}, "messages[0].audio"),
        (
            {"role": "user", "content": "x", "tool_calls": [{"id": "1", "function": {"name": "x"}}]},
            "messages[0].tool_calls",
        ),
    ],
)
async def test_turn_that_cannot_be_is_refused_at_its_place(served, error_of, turn, param):
    response = await served.chat(messages=[turn])
    assert response.status_code == 400
    assert error_of(response)["param"] == param


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
TEXT = '{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}'


@pytest.mark.parametrize(
    ("wished", "meant"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, AnswerFormat("")),
        ({"type": "json_object", "schema": SCHEMA}, AnswerFormat(TEXT)),
        ({"type": "json_schema", "json_schema": {"name": "x"}}, AnswerFormat("")),
        (
            {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}},
            AnswerFormat(TEXT),
        ),
    ],
)
async def test_form_of_the_answer_reaches_the_box(served, wished, meant):
    assert (await served.chat(response_format=wished)).status_code == 200
    assert served.box.requests[0].answer_format == meant


@pytest.mark.parametrize(
    ("wished", "param"),
    [
        ({"type": "json_schema"}, "response_format.json_schema"),
        (
            {"type": "json_schema", "json_schema": {"name": "a b", "schema": SCHEMA}},
            "response_format.json_schema.name",
        ),
        ({"type": "json_schema", "json_schema": {"name": "x" * 65}}, "response_format.json_schema.name"),
        (
            {"type": "json_schema", "json_schema": {"name": "x", "schema": 5}},
            "response_format.json_schema.schema",
        ),
        (
            {"type": "json_schema", "json_schema": {"schema": {"const": "x" * 300_000}}},
            "response_format.json_schema.schema",
        ),
        ({"type": "grammar", "grammar": "root ::= x"}, "response_format.type"),
        ({"type": "regex"}, "response_format.type"),
        ({}, "response_format.type"),
        ("json", "response_format"),
    ],
)
async def test_form_that_cannot_be_is_refused(served, error_of, wished, param):
    response = await served.chat(response_format=wished)
    assert response.status_code == 400
    assert error_of(response)["param"] == param


@pytest.mark.parametrize(
    ("wished", "thinking", "effort"),
    [
        (None, None, ""),
        ("none", False, ""),
        ("minimal", True, "low"),
        ("low", True, "low"),
        ("medium", True, "medium"),
        ("high", True, "high"),
        ("xhigh", True, "high"),
    ],
)
async def test_effort_of_thinking_reaches_the_box(served, wished, thinking, effort):
    assert (await served.chat(reasoning_effort=wished)).status_code == 200
    prompt = served.box.requests[0].prompt
    assert (prompt.thinking, prompt.effort) == (thinking, effort)


@pytest.mark.parametrize(
    "script", [says("<think>\nHm.\n</think>\n\nHello"), letters("<think>\nHm.\n</think>\n\nHello")]
)
async def test_thoughts_are_beside_the_answer(served, script):
    served.box.script, served.box.thinking = script, THINK
    message = (await served.chat()).json()["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"], message["reasoning"]) == ("Hello", "Hm.", "Hm.")
    deltas = [one["delta"] for one in choices_in(await served.chat(stream=True))]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "Hm."
    assert "".join(delta.get("reasoning", "") for delta in deltas) == "Hm."
    assert "".join(delta.get("content", "") for delta in deltas) == "Hello"


async def test_thoughts_can_end_in_a_call(served):
    served.box.script, served.box.thinking = letters("<think>Hm.</think>" + CALL), THINK
    (choice,) = (await served.chat(tools=[WEATHER])).json()["choices"]
    assert choice["message"]["reasoning_content"] == "Hm."
    assert choice["message"]["content"] is None
    assert choice["finish_reason"] == "tool_calls"


async def test_thoughts_that_never_ended_leave_an_empty_answer(served):
    served.box.script, served.box.thinking = says("<think>Hm", reason=FinishReason.LENGTH), THINK
    (choice,) = (await served.chat()).json()["choices"]
    assert (choice["message"]["content"], choice["message"]["reasoning_content"]) == ("", "Hm")
    assert choice["finish_reason"] == "length"


async def test_tags_of_thoughts_are_text_where_the_model_has_none(served):
    served.box.script = says("<think>Hm.</think>Hello")
    message = (await served.chat()).json()["choices"][0]["message"]
    assert message["content"] == "<think>Hm.</think>Hello"
    assert "reasoning_content" not in message
