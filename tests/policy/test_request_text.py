"""Which words of a request rules are asked of."""

import pytest

from appliance.domain.generation import EmbeddingRequest, GenerationRequest
from appliance.domain.prompts import ChatPrompt, Message, Prompt, TextPrompt, TokenPrompt, Tool, ToolCall
from appliance.policy import request_text
from appliance.policy.request_text import text_of


def _of(prompt: Prompt) -> request_text.RequestText:
    return text_of(GenerationRequest("req_1", "m", prompt))


def test_every_turn_call_and_tool_of_a_conversation_is_told() -> None:
    prompt = ChatPrompt(
        (
            Message("system", "be kind"),
            Message("assistant", "", (ToolCall("1", "look", '{"at": "it"}'),)),
            Message("tool", "seen", tool_call_id="1"),
        ),
        (Tool("look", "looks", "{}", told='{"description": "deep"}'),),
    )
    assert _of(prompt).texts == ("be kind", '{"at": "it"}', "seen", "looks", '{"description": "deep"}')


def test_plain_text_is_told() -> None:
    assert _of(TextPrompt("once")).texts == ("once",)


def test_tokens_are_not_readable() -> None:
    told = _of(TokenPrompt((1, 2)))
    assert (told.texts, told.readable) == ((), False)


def test_one_input_of_tokens_makes_all_of_a_request_unreadable() -> None:
    request = EmbeddingRequest("req_1", "m", (TextPrompt("a"), TokenPrompt((1,))))
    assert text_of(request).texts == ("a",)
    assert not text_of(request).readable


@pytest.mark.parametrize(("length", "whole"), [(7, True), (8, True), (9, False)])
def test_texts_are_told_up_to_a_bound(monkeypatch: pytest.MonkeyPatch, length: int, whole: bool) -> None:
    monkeypatch.setattr(request_text, "MOST_CHARACTERS", 8)
    request = EmbeddingRequest("req_1", "m", (TextPrompt("abc"), TextPrompt("d" * (length - 3))))
    told = text_of(request)
    assert told.whole is whole
    assert sum(map(len, told.texts)) == min(length, 8)
