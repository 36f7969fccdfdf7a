"""Completions as bytes. A plain chunk of a stream is a ready-made text with one JSON string put in."""

from collections.abc import Sequence
from typing import Final

import msgspec

from appliance.api.openai.completion_reading import Piece
from appliance.api.openai.legacy_logprobs import LegacyLogprobs
from appliance.api.openai.wire import AnswerHead, Usage, tier_of
from appliance.domain.generation import Accepted, FinishReason, TokenUsage

DONE: Final = b"data: [DONE]\n\n"
_PLAIN: Final = b',"logprobs":null,"finish_reason":null}'

_encode: Final = msgspec.json.encode


class CompletionChoice(msgspec.Struct, frozen=True):
    """A whole choice."""

    text: str
    index: int
    logprobs: LegacyLogprobs | None
    finish_reason: FinishReason


class CompletionAnswerBody(AnswerHead, frozen=True, kw_only=True):
    """A whole answer. ``choices`` are in the order of the prompts, those of one prompt beside each other."""

    choices: list[CompletionChoice]
    usage: Usage


def head_of(accepted: Accepted, request_id: str) -> AnswerHead:
    """What all parts of an answer repeat."""
    return AnswerHead(
        id="cmpl-" + request_id.removeprefix("req_"),
        object="text_completion",
        created=accepted.created_ms // 1000,
        model=accepted.model.id,
        system_fingerprint=accepted.model.fingerprint,
        service_tier=tier_of(accepted.service_class),
    )


def whole_completion(head: AnswerHead, choices: Sequence[CompletionChoice], usage: TokenUsage) -> bytes:
    """An answer in one piece."""
    return (
        _encode(head)[:-1]
        + b',"choices":'
        + _encode(choices)
        + b',"usage":'
        + _encode(Usage.of(usage))
        + b"}"
    )


class CompletionChunks:
    """The chunks of one streamed answer, as server-sent events."""

    def __init__(self, head: AnswerHead, *, include_usage: bool) -> None:
        self._start = b"data: " + _encode(head)[:-1] + b',"choices":['
        self._end = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"
        self._after = _PLAIN + self._end
        self._include_usage = include_usage
        self._before: dict[int, bytes] = {}

    def text(self, choice: int, text: str) -> bytes:
        """More text of a choice, and no log-probabilities."""
        before = self._before.get(choice)
        if before is None:
            before = self._before[choice] = self._start + b'{"index":%d,"text":' % choice
        return before + _encode(text) + self._after

    def piece(self, piece: Piece) -> bytes:
        """More of a choice."""
        if piece.logprobs is None:
            return self.text(piece.choice, piece.text)
        told = b',"logprobs":' + _encode(piece.logprobs) + b',"finish_reason":null}'
        return self._start + b'{"index":%d,"text":' % piece.choice + _encode(piece.text) + told + self._end

    def finish(self, choice: int, reason: FinishReason) -> bytes:
        """Why a choice ended."""
        finish = b'{"index":%d,"text":"","logprobs":null,"finish_reason":' % choice + _encode(reason) + b"}"
        return self._start + finish + self._end

    def ending(self, usage: TokenUsage) -> bytes:
        """Everything after the last choice ended: the counts, if they were asked for, and ``[DONE]``."""
        if not self._include_usage:
            return DONE
        return self._start + b'],"usage":' + _encode(Usage.of(usage)) + b"}\n\n" + DONE
