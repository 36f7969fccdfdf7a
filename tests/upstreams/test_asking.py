"""What a host is sent is made from what was understood, and nothing else."""

import json

import pytest

from appliance.domain.generation import Sampling
from appliance.domain.prompts import (
    AnswerFormat,
    ChatPrompt,
    Message,
    TextPrompt,
    TokenPrompt,
    Tool,
    ToolCall,
    ToolChoice,
)
from appliance.errors import BadRequest
from appliance.upstreams.asking import body_of, path_of
from tests.upstreams.conftest import question, upstream

WEATHER = Tool("weather", "Says it.", '{"type":"object"}', '{"type":"object","title":"told"}')


def body(work, **more) -> dict:
    return json.loads(body_of(work, upstream("https://host/v1", "m", **more)))


def test_a_plain_question_is_as_short_as_can_be():
    assert body(question(), features=frozenset({"chat"})) == {
        "model": "m",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Which port?"}],
    }


def test_a_conversation_with_functions_is_told_whole():
    asked = ChatPrompt(
        (
            Message("system", "Be kind."),
            Message("assistant", "", (ToolCall("c1", "weather", '{"in":"Ulm"}'),)),
            Message("tool", "rain", tool_call_id="c1", name="weather"),
        ),
        (WEATHER,),
        ToolChoice("required", "weather", parallel=False),
        effort="low",
    )
    sent = body(question(asked=asked))
    assert sent["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"in":"Ulm"}'}}
            ],
        },
        {"role": "tool", "content": "rain", "tool_call_id": "c1"},
    ]
    assert sent["tools"][0]["function"]["parameters"] == {"type": "object", "title": "told"}
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "weather"}}
    assert sent["parallel_tool_calls"] is False
    assert sent["reasoning_effort"] == "low"


def test_forms_of_answers_are_told():
    assert body(question(answer_format=AnswerFormat()))["response_format"] == {"type": "json_object"}
    told = body(question(answer_format=AnswerFormat('{"type":"object"}')))["response_format"]
    assert told["json_schema"]["schema"] == {"type": "object"}


def test_only_sampling_that_somebody_set_and_the_host_knows_is_told():
    work = question(
        sampling=Sampling(0.5, 0.9, 40, 0.1, 11, 0.2, 0.0, 1.1),
        stated=frozenset({"temperature", "top_k", "repeat_penalty", "frequency_penalty"}),
    )
    sent = body(work)
    told = {"temperature": 0.5, "frequency_penalty": 0.2, "top_k": 40, "repetition_penalty": 1.1, "seed": 11}
    assert {name: sent[name] for name in told} == told
    assert not {"top_p", "min_p", "presence_penalty"} & sent.keys()
    assert not {"top_k", "repetition_penalty", "seed"} & body(work, features=frozenset({"chat"})).keys()


def test_text_goes_to_completions_and_tokens_go_nowhere():
    work = question(asked=TextPrompt("Carrel is"), n=2, stop=tuple("abcdef"), logprobs=3)
    sent = body(work, length_field="max_completion_tokens")
    assert path_of(work) == "completions"
    assert (sent["prompt"], sent["n"], sent["stop"], sent["logprobs"]) == ("Carrel is", 2, list("abcd"), 3)
    assert sent["max_completion_tokens"] == 50
    assert "max_tokens" not in sent
    with pytest.raises(BadRequest):
        body(question(asked=TokenPrompt((1, 2))))
