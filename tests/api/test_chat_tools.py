"""Functions: how they reach the box, and how calls reach the client, whole and streamed."""

import json
import re

import pytest

from appliance.domain.generation import FinishReason
from appliance.domain.prompts import Message, Tool, ToolCall, ToolChoice
from tests.api.chat_scripts import CALL, WEATHER, choices_in, letters, says, speaks_in_turns

SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
PARIS = {"name": "weather", "arguments": '{"city": "Paris"}'}


async def test_descriptions_of_parameters_reach_the_box_beside_what_can_be_held_to(served):
    parameters = {"type": "object", "properties": {"a": {"type": "integer", "description": "How many."}}}
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    assert (await served.chat(tools=[tool])).status_code == 200
    (reached,) = served.box.requests[0].prompt.tools
    assert json.loads(reached.told) == parameters
    assert "How many." not in reached.parameters


async def test_functions_reach_the_box(served):
    bare = {"type": "function", "function": {"name": "now"}}
    assert (await served.chat(tools=[WEATHER, bare])).status_code == 200
    prompt = served.box.requests[0].prompt
    assert prompt.tools == (
        Tool("weather", "The weather of a city.", f'{SCHEMA[:-1]},"additionalProperties":false}}', SCHEMA),
        Tool("now", "", '{"type":"object","properties":{},"additionalProperties":false}'),
    )
    assert prompt.tool_choice == ToolChoice("auto", "", parallel=True)


@pytest.mark.parametrize(
    ("wished", "meant"),
    [
        ("none", ToolChoice("none")),
        ("auto", ToolChoice("auto")),
        ("required", ToolChoice("required")),
        ({"type": "function", "function": {"name": "weather"}}, ToolChoice("required", "weather")),
    ],
)
async def test_choice_of_functions_reaches_the_box(served, wished, meant):
    assert (await served.chat(tools=[WEATHER], tool_choice=wished)).status_code == 200
    assert served.box.requests[0].prompt.tool_choice == meant


async def test_one_call_at_a_time_can_be_asked_for(served):
    assert (await served.chat(tools=[WEATHER], parallel_tool_calls=False)).status_code == 200
    assert not served.box.requests[0].prompt.tool_choice.parallel


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tool_choice": "required"}, "tool_choice"),
        (
            {"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "other"}}},
            "tool_choice",
        ),
        ({"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto"}}}, "tool_choice"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "x"}}}, "tool_choice"),
        ({"tool_choice": "any"}, "tool_choice"),
        ({"tools": [WEATHER, WEATHER]}, "tools"),
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0]"),
        ({"tools": [{"type": "web_search"}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
        ({"tools": [{"type": "function", "function": {"name": "x" * 129}}]}, "tools[0].function.name"),
        ({"tools": [{"type": "function", "function": {"name": ""}}]}, "tools[0].function.name"),
        (
            {"tools": [{"type": "function", "function": {"name": "x", "parameters": []}}]},
            "tools[0].function.parameters",
        ),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"functions": [{"name": "x"}]}, "functions"),
        ({"function_call": {"name": "x"}}, "function_call"),
    ],
)
async def test_functions_that_cannot_be_are_refused_by_name(served, error_of, fields, param):
    response = await served.chat(**{"tools": [], **fields})
    assert response.status_code == 400
    assert error_of(response)["param"] == param
    assert not served.box.requests


@pytest.mark.parametrize("field", ["functions", "function_call"])
async def test_old_name_of_a_field_is_told_the_new_one(served, error_of, field):
    response = await served.chat(**{field: [{"name": "x"}]})
    assert "instead" in str(error_of(response)["message"])


async def test_turns_with_calls_and_their_answers_reach_the_box(served):
    response = await served.chat(
        messages=[
            {"role": "user", "content": "How is Paris?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": PARIS}],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
            {
                "role": "tool",
                "tool_call_id": "call_0",
                "name": "other",
                "content": [{"type": "text", "text": "x"}],
            },
        ]
    )
    assert response.status_code == 200
    assert served.box.requests[0].prompt.messages[1:] == (
        Message("assistant", "", tool_calls=(ToolCall("call_1", "weather", '{"city": "Paris"}'),)),
        Message("tool", "rain", tool_call_id="call_1", name="weather"),
        Message("tool", "x", tool_call_id="call_0", name="other"),
    )


async def test_size_of_functions_and_calls_counts_as_prompt(served, error_of):
    large = {"type": "function", "function": {"name": "x", "description": "y" * 10_000}}
    call = {"id": "1", "type": "function", "function": {"name": "x", "arguments": "z" * 10_000}}
    turn = {"role": "assistant", "content": None, "tool_calls": [call]}
    for response in (await served.chat(tools=[large]), await served.chat(messages=[turn])):
        assert response.status_code == 400
        assert error_of(response)["param"] == "messages"


@pytest.mark.parametrize("script", [says(CALL), letters(CALL)])
async def test_call_in_a_whole_answer(served, script):
    served.box.script = script
    (choice,) = (await served.chat(tools=[WEATHER])).json()["choices"]
    message = choice["message"]
    (call,) = message["tool_calls"]
    assert re.fullmatch("call_[0-9a-f]{24}", call["id"])
    assert (call["type"], call["function"]) == ("function", PARIS)
    assert message["content"] is None
    assert choice["finish_reason"] == "tool_calls"


async def test_call_in_a_stream_is_told_while_it_comes(served):
    served.box.script = letters("Let me see.\n" + CALL)
    said = choices_in(await served.chat(tools=[WEATHER], stream=True))
    calls = [one["delta"]["tool_calls"][0] for one in said if "tool_calls" in one["delta"]]
    assert {call["index"] for call in calls} == {0}
    first, *others = calls
    assert re.fullmatch("call_[0-9a-f]{24}", first.pop("id"))
    assert first == {"index": 0, "type": "function", "function": {"name": "weather", "arguments": ""}}
    assert all(set(call) == {"index", "function"} for call in others)
    assert "".join(call["function"]["arguments"] for call in others) == '{"city": "Paris"}'
    assert len(others) > 10
    assert "".join(one["delta"].get("content", "") for one in said) == "Let me see."
    assert said[-1]["finish_reason"] == "tool_calls"


async def test_several_calls_of_several_choices_have_ids_of_their_own(served):
    other = '<tool_call>{"name": "now", "arguments": {}}</tool_call>'
    served.box.script = speaks_in_turns([CALL, other], ["Hi"], [other])
    tools = [WEATHER, {"type": "function", "function": {"name": "now"}}]
    first, second, third = (await served.chat(tools=tools, n=3)).json()["choices"]
    assert [call["function"]["name"] for call in first["message"]["tool_calls"]] == ["weather", "now"]
    assert second["message"]["content"] == "Hi"
    assert "tool_calls" not in second["message"]
    calls = [*first["message"]["tool_calls"], *third["message"]["tool_calls"]]
    assert len({call["id"] for call in calls}) == 3


async def test_ids_of_whole_and_streamed_calls_come_from_request_choice_and_index(served):
    served.box.script = says(CALL)
    ids = [(await served.chat(tools=[WEATHER])).json()["choices"][0]["message"]["tool_calls"][0]["id"]]
    said = choices_in(await served.chat(tools=[WEATHER], stream=True))
    ids += [one["delta"]["tool_calls"][0]["id"] for one in said[1:2]]
    assert len(set(ids)) == 2


async def test_call_cut_by_the_length_ends_with_length(served):
    served.box.script = says(CALL[:-17], reason=FinishReason.LENGTH)
    (choice,) = (await served.chat(tools=[WEATHER])).json()["choices"]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"city": "Par'


async def test_answer_cut_by_the_length_after_a_call_ends_with_length(served):
    served.box.script = says(CALL, " And", reason=FinishReason.LENGTH)
    (choice,) = (await served.chat(tools=[WEATHER])).json()["choices"]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["tool_calls"]


async def test_call_cut_by_a_stop_text_is_no_call_to_answer(served):
    served.box.script = says(CALL[:-20])
    (choice,) = (await served.chat(tools=[WEATHER], stop="is")).json()["choices"]
    assert choice["finish_reason"] == "stop"


@pytest.mark.parametrize("fields", [{}, {"tools": [WEATHER], "tool_choice": "none"}])
async def test_what_looks_like_a_call_is_text_where_none_was_allowed(served, fields):
    served.box.script = letters(CALL)
    (choice,) = (await served.chat(**fields)).json()["choices"]
    assert choice["message"]["content"] == CALL
    assert choice["finish_reason"] == "stop"


async def test_half_a_tag_at_the_end_is_text(served):
    served.box.script = letters("a <tool_ca")
    said = choices_in(await served.chat(tools=[WEATHER], stream=True))
    assert "".join(one["delta"].get("content", "") for one in said) == "a <tool_ca"
    assert said[-1]["finish_reason"] == "stop"


async def test_text_of_a_call_that_needs_escaping_survives_the_stream(served):
    arguments = json.dumps({"city": 'quote " \u2028 \U0001f600 \n\n data: [DONE]'}, ensure_ascii=False)
    served.box.script = letters(f'<tool_call>{{"name": "weather", "arguments": {arguments}}}</tool_call>')
    said = choices_in(await served.chat(tools=[WEATHER], stream=True))
    calls = [one["delta"]["tool_calls"][0]["function"]["arguments"] for one in said[1:-1]]
    assert "".join(calls) == arguments
