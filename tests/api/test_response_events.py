"""The parts of an answer as a response of OpenAI's, whole and event by event."""

import json

import pytest

from appliance.api.dialogue.parts import (
    Acknowledged,
    AnswerEnded,
    CallArguments,
    CallBegun,
    SaidText,
    Thought,
)
from appliance.api.openai.responses.encoding import ResponseEncoder
from appliance.api.openai.responses.objects import ReasoningEcho, ResponseObject, TextEcho
from appliance.domain.generation import Alternative, TokenLogprob, TokenUsage
from appliance.errors import BadRequest, QueueFull, ReplicaFailed
from tests.api.event_streams import events_in

USAGE = TokenUsage(prompt_tokens=7, cached_tokens=2, completion_tokens=3)
BEGUN = ResponseObject(
    id="resp_0123",
    created_at=1_700_000_000,
    model="tiny",
    max_output_tokens=5,
    metadata={"a": "b"},
    parallel_tool_calls=True,
    reasoning=ReasoningEcho(),
    text=TextEcho(),
    tool_choice="auto",
    tools=(),
    top_logprobs=0,
    service_tier="default",
    system_fingerprint="crl-1",
)
CALLS = [
    SaidText(0, "Let me look."),
    CallBegun(0, 0, "call_1", "look"),
    CallArguments(0, 0, '{"at":'),
    CallArguments(0, 0, '"sky"}'),
    CallBegun(0, 1, "call_2", "listen"),
    CallArguments(0, 1, "{}"),
    AnswerEnded(0, "tool_calls"),
]


def encoder() -> ResponseEncoder:
    return ResponseEncoder(BEGUN)


def streamed(*parts) -> list[tuple[str, dict]]:
    one = encoder()
    stream = one.opening() + b"".join(map(one.take, parts)) + one.take(Acknowledged(USAGE))
    return events_in(stream)


def whole(*parts) -> dict:
    one = encoder()
    for part in parts:
        one.note(part)
    return json.loads(one.whole(USAGE))


def logprob(piece: bytes) -> TokenLogprob:
    return TokenLogprob(1, piece, -0.5, (Alternative(1, piece, -0.5),))


def test_text_is_told_from_item_to_part_to_text_and_back():
    events = streamed(SaidText(0, "Hel"), SaidText(0, "lo"), AnswerEnded(0, "stop"))
    assert [name for name, _ in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [data["type"] for _, data in events] == [name for name, _ in events]
    assert [data["sequence_number"] for _, data in events] == list(range(10))
    assert "".join(data["delta"] for name, data in events if name.endswith("text.delta")) == "Hello"
    assert {data["item_id"] for _, data in events if "item_id" in data} == {"msg_012300"}


def test_last_event_holds_what_the_whole_answer_is():
    parts = [Thought(0, "Hm."), *CALLS]
    assert streamed(*parts)[-1][1]["response"] == whole(*parts)


def test_whole_response_has_every_field_that_clients_read():
    answer = whole(SaidText(0, "Hello"), AnswerEnded(0, "stop"))
    assert answer == {
        "id": "resp_0123",
        "object": "response",
        "created_at": 1_700_000_000,
        "model": "tiny",
        "system_fingerprint": "crl-1",
        "service_tier": "default",
        "instructions": None,
        "max_output_tokens": 5,
        "metadata": {"a": "b"},
        "parallel_tool_calls": True,
        "reasoning": {"effort": None, "summary": None},
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": None,
        "user": None,
        "truncation": "disabled",
        "store": False,
        "background": False,
        "previous_response_id": None,
        "max_tool_calls": None,
        "status": "completed",
        "output": [
            {
                "type": "message",
                "id": "msg_012300",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Hello", "logprobs": [], "annotations": []}],
            }
        ],
        "error": None,
        "incomplete_details": None,
        "usage": {
            "input_tokens": 7,
            "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 0},
            "output_tokens": 3,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 10,
        },
    }


def test_calls_are_items_of_their_own():
    output = whole(*CALLS)["output"]
    assert [item["type"] for item in output] == ["message", "function_call", "function_call"]
    assert output[1] == {
        "type": "function_call",
        "id": "fc_012301",
        "status": "completed",
        "call_id": "call_1",
        "name": "look",
        "arguments": '{"at":"sky"}',
    }
    assert len({item["id"] for item in output}) == 3


def test_arguments_of_a_call_are_told_as_they_come():
    events = [data for name, data in streamed(*CALLS) if data.get("output_index") == 1]
    assert [event["type"].removeprefix("response.") for event in events] == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ]
    assert events[0]["item"]["arguments"] == ""
    assert events[3]["arguments"] == events[4]["item"]["arguments"] == '{"at":"sky"}'


def test_thoughts_are_a_reasoning_item():
    parts = [Thought(0, "H"), Thought(0, "m."), SaidText(0, "Yes."), AnswerEnded(0, "stop")]
    thought, message = whole(*parts)["output"]
    assert thought["type"] == "reasoning"
    assert thought["content"] == [{"type": "reasoning_text", "text": "Hm."}]
    assert thought["summary"] == []
    assert message["content"][0]["text"] == "Yes."
    deltas = [data["delta"] for name, data in streamed(*parts) if name == "response.reasoning_text.delta"]
    assert deltas == ["H", "m."]


def test_answer_cut_by_its_limit_is_incomplete_and_says_why():
    name, data = streamed(SaidText(0, "Hel"), AnswerEnded(0, "length"))[-1]
    assert name == "response.incomplete"
    response = data["response"]
    assert (response["status"], response["incomplete_details"]) == (
        "incomplete",
        {"reason": "max_output_tokens"},
    )
    assert response["output"][0]["status"] == "incomplete"


def test_empty_answer_still_has_a_text():
    assert whole(AnswerEnded(0, "stop"))["output"][0]["content"][0]["text"] == ""


def test_tokens_told_before_their_text_are_told_with_it():
    parts = [
        SaidText(0, "", (logprob(b"Hel"),)),
        SaidText(0, "Hello", (logprob(b"lo"),)),
        SaidText(0, "", (logprob(b"<end>"),)),
        AnswerEnded(0, "stop"),
    ]
    text = whole(*parts)["output"][0]["content"][0]
    assert [one["token"] for one in text["logprobs"]] == ["Hel", "lo", "<end>"]
    assert text["logprobs"][0] == {
        "token": "Hel",
        "logprob": -0.5,
        "bytes": [72, 101, 108],
        "top_logprobs": [{"token": "Hel", "logprob": -0.5, "bytes": [72, 101, 108]}],
    }
    deltas = [data for name, data in streamed(*parts) if name == "response.output_text.delta"]
    assert [len(data["logprobs"]) for data in deltas] == [2, 1]


def test_tokens_of_thoughts_and_tags_are_not_told_as_text():
    parts = [
        SaidText(0, "", (logprob(b"<think>"), logprob(b"Hm"))),
        Thought(0, "Hm"),
        SaidText(0, "", (logprob(b"</think>"), logprob(b"\n"), logprob(b"Yes"))),
        SaidText(0, "Yes"),
        SaidText(0, "", (logprob(b"<tool_call>"),)),
        CallBegun(0, 0, "call_1", "look"),
        AnswerEnded(0, "tool_calls"),
    ]
    message = whole(*parts)["output"][1]
    assert [one["token"] for one in message["content"][0]["logprobs"]] == ["Yes"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ReplicaFailed("Send it again."), "server_error"),
        (QueueFull("Send it again."), "rate_limit_exceeded"),
        (BadRequest("Send it again."), "invalid_prompt"),
    ],
)
def test_stream_that_breaks_says_so_and_keeps_what_was_whole(error, code):
    one = encoder()
    events = events_in(one.opening() + b"".join(map(one.take, CALLS[:5])) + one.failed(error))
    (broke, told), (failed, ended) = events[-2:]
    assert (broke, failed) == ("error", "response.failed")
    assert (told["code"], told["message"]) == (error.code, "Send it again.")
    assert ended["response"]["status"] == "failed"
    assert ended["response"]["error"] == {"code": code, "message": "Send it again."}
    assert [item["type"] for item in ended["response"]["output"]] == ["message", "function_call"]
