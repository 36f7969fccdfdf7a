"""The parts of an answer as a message of Anthropic's, whole and event by event."""

import json

import pytest

from appliance.api.anthropic.encoding import MessageEncoder
from appliance.api.anthropic.objects import MessageBody, UsageBody
from appliance.api.dialogue.parts import (
    Acknowledged,
    AnswerEnded,
    CallArguments,
    CallBegun,
    SaidText,
    Thought,
)
from appliance.domain.generation import TokenUsage
from appliance.errors import ReplicaFailed
from tests.api.event_streams import events_in

USAGE = TokenUsage(prompt_tokens=7, cached_tokens=2, completion_tokens=3)
BEGUN = MessageBody(
    id="msg_0123",
    model="tiny",
    usage=UsageBody(input_tokens=7, output_tokens=0),
    system_fingerprint="crl-1",
)
CALL = [CallBegun(0, 0, "call_1", "look"), CallArguments(0, 0, '{"at":'), CallArguments(0, 0, '"sky"}')]
CALLED = AnswerEnded(0, "tool_calls")


def encoder(*, tells_thoughts: bool = True) -> MessageEncoder:
    return MessageEncoder(BEGUN, request_id="req_1", tells_thoughts=tells_thoughts)


def streamed(*parts) -> list[tuple[str, dict]]:
    one = encoder()
    return events_in(one.opening() + b"".join(map(one.take, [*parts, Acknowledged(USAGE)])))


def whole(*parts, tells_thoughts: bool = True) -> dict:
    one = encoder(tells_thoughts=tells_thoughts)
    for part in parts:
        one.note(part)
    return json.loads(one.whole(USAGE))


def test_text_is_told_block_by_block():
    events = streamed(SaidText(0, "Hel"), SaidText(0, ""), SaidText(0, "lo"), AnswerEnded(0, "stop"))
    assert [name for name, _ in events] == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert [data["type"] for _, data in events] == [name for name, _ in events]
    assert events[0][1]["message"]["content"] == []
    assert events[3][1] == {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "Hel"},
    }
    assert events[-2][1] == {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {
            "input_tokens": 5,
            "output_tokens": 3,
            "cache_read_input_tokens": 2,
            "cache_creation_input_tokens": 0,
        },
    }


def test_whole_message_has_every_field_that_clients_read():
    assert whole(SaidText(0, "Hello"), AnswerEnded(0, "stop")) == {
        "id": "msg_0123",
        "type": "message",
        "role": "assistant",
        "model": "tiny",
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 5,
            "output_tokens": 3,
            "cache_read_input_tokens": 2,
            "cache_creation_input_tokens": 0,
        },
        "system_fingerprint": "crl-1",
    }


@pytest.mark.parametrize(
    ("ended", "reason", "sequence"),
    [
        (AnswerEnded(0, "stop"), "end_turn", None),
        (AnswerEnded(0, "stop", "END"), "stop_sequence", "END"),
        (AnswerEnded(0, "length"), "max_tokens", None),
        (CALLED, "tool_use", None),
        (AnswerEnded(0, "tool_calls", "END"), "tool_use", None),
    ],
)
def test_end_has_its_reason(ended, reason, sequence):
    answer = whole(SaidText(0, "Hello"), ended)
    assert (answer["stop_reason"], answer["stop_sequence"]) == (reason, sequence)


def test_call_is_a_block_with_parsed_input():
    content = whole(SaidText(0, "I look."), *CALL, CALLED)["content"]
    assert content == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sky"}},
    ]


def test_input_of_a_call_is_told_as_it_comes():
    events = [data for _, data in streamed(SaidText(0, "I look."), *CALL, CALLED) if data.get("index") == 1]
    assert events[0]["content_block"] == {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    assert "".join(event["delta"]["partial_json"] for event in events[1:-1]) == '{"at":"sky"}'
    assert events[-1]["type"] == "content_block_stop"


def test_two_calls_are_two_blocks():
    second = [CallBegun(0, 1, "call_2", "listen"), CallArguments(0, 1, "{}")]
    blocks = whole(*CALL, *second, CALLED)["content"]
    assert [block["name"] for block in blocks] == ["look", "listen"]
    starts = [
        data["index"] for name, data in streamed(*CALL, *second, CALLED) if name == "content_block_start"
    ]
    assert starts == [0, 1]


@pytest.mark.parametrize("arguments", ["", "[1]", '{"a":', "7", '{"a":1} and more', '{"a":' + "[" * 100_000])
def test_input_that_is_no_object_becomes_an_empty_one(arguments):
    parts = [CallBegun(0, 0, "call_1", "look"), CallArguments(0, 0, arguments), AnswerEnded(0, "length")]
    assert whole(*parts)["content"][0]["input"] == {}


def test_thoughts_are_a_block_that_ends_with_its_empty_signature():
    parts = [Thought(0, "H"), Thought(0, "m."), SaidText(0, "Yes."), AnswerEnded(0, "stop")]
    assert whole(*parts)["content"][0] == {"type": "thinking", "thinking": "Hm.", "signature": ""}
    deltas = [data["delta"] for name, data in streamed(*parts) if name == "content_block_delta"]
    assert [delta["type"] for delta in deltas] == [
        "thinking_delta",
        "thinking_delta",
        "signature_delta",
        "text_delta",
    ]


def test_thoughts_that_nobody_asked_for_are_left_out():
    parts = [Thought(0, "Hm."), SaidText(0, "Yes."), AnswerEnded(0, "stop")]
    assert whole(*parts, tells_thoughts=False)["content"] == [{"type": "text", "text": "Yes."}]


def test_empty_answer_still_has_a_block():
    assert whole(AnswerEnded(0, "stop"))["content"] == [{"type": "text", "text": ""}]


def test_stream_that_breaks_ends_with_an_error_event():
    one = encoder()
    events = events_in(one.opening() + one.take(SaidText(0, "Hel")) + one.failed(ReplicaFailed("Again.")))
    assert events[-1] == (
        "error",
        {"type": "error", "error": {"type": "api_error", "message": "Again."}, "request_id": "req_1"},
    )
