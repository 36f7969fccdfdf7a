"""A chat answer as bytes, whole or streamed: an ``Encoder`` of ``dialogue.answering``."""

from typing import Final

import msgspec

from appliance.api.dialogue.parts import (
    Acknowledged,
    AnswerEnded,
    AnswerPart,
    CallArguments,
    CallBegun,
    SaidText,
    Thought,
)
from appliance.api.openai.chat_answer import Choice
from appliance.api.openai.chat_stream import ChatChunks
from appliance.api.openai.wire import AnswerHead, Usage, tier_of
from appliance.domain.generation import Accepted, GenerationRequest, TokenUsage, Waiting
from appliance.edge.errors import error_json
from appliance.errors import CarrelError

_encode: Final = msgspec.json.encode


class ChatEncoder:
    """One answer with all its choices."""

    def __init__(
        self, accepted: Accepted, *, request: GenerationRequest, stream: bool, include_usage: bool
    ) -> None:
        self._head = head_of(accepted, request.id, stream=stream)
        self._request = request
        self._chunks = ChatChunks(self._head, choices=request.n, include_usage=include_usage)
        self._choices = [Choice(index) for index in range(request.n)]
        self._reasons: dict[int, str] = {}

    def opening(self) -> bytes:
        """See ``Encoder``."""
        return self._chunks.opening()

    def take(self, part: AnswerPart) -> bytes:
        """See ``Encoder``. Why a choice ended is told with the end of the stream."""
        match part:
            case SaidText():
                return self._chunks.text(part)
            case Thought():
                return self._chunks.thought(part)
            case CallBegun():
                return self._chunks.call(part)
            case CallArguments():
                return self._chunks.arguments(part)
            case AnswerEnded():
                self._reasons[part.choice] = part.reason
            case Acknowledged():
                return self._chunks.ending(self._reasons, part.usage)
        return b""

    def note(self, part: AnswerPart) -> None:
        """See ``Encoder``."""
        if not isinstance(part, Waiting | Acknowledged):
            self._choices[part.choice].note(part)

    def whole(self, usage: TokenUsage) -> bytes:
        """See ``Encoder``."""
        logprobs = self._request.logprobs is not None
        choices = _encode([choice.body(logprobs=logprobs) for choice in self._choices])
        return (
            _encode(self._head)[:-1]
            + b',"choices":'
            + choices
            + b',"usage":'
            + _encode(Usage.of(usage))
            + b"}"
        )

    def failed(self, error: CarrelError) -> bytes:
        """See ``Encoder``. No ``[DONE]`` follows it."""
        return b"data: " + error_json(error, self._request.id) + b"\n\n"


def head_of(accepted: Accepted, request_id: str, *, stream: bool) -> AnswerHead:
    """What all parts of an answer repeat."""
    return AnswerHead(
        id="chatcmpl-" + request_id.removeprefix("req_"),
        object="chat.completion.chunk" if stream else "chat.completion",
        created=accepted.created_ms // 1000,
        model=accepted.model.id,
        system_fingerprint=accepted.model.fingerprint,
        service_tier=tier_of(accepted.service_class),
    )
