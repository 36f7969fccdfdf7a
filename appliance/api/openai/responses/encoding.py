"""A response as bytes: whole, or as named events with numbers."""

import msgspec

from appliance.api.dialogue.parts import Acknowledged, AnswerPart
from appliance.api.openai.responses.events import Broke
from appliance.api.openai.responses.objects import FailureBody, IncompleteBody, ResponseObject, UsageBody
from appliance.api.openai.responses.output import Output
from appliance.domain.generation import TokenUsage, Waiting
from appliance.errors import BadRequest, CarrelError, TryAgain

_encode = msgspec.json.encode


class ResponseEncoder:
    """One response; an ``Encoder`` of ``dialogue.answering``."""

    def __init__(self, begun: ResponseObject) -> None:
        self._begun = begun
        self._output = Output(begun.id.removeprefix("resp_"))
        self._told = 0

    def opening(self) -> bytes:
        """What comes before any part."""
        begun = _encode(self._begun)
        return self._life("response.created", begun) + self._life("response.in_progress", begun)

    def take(self, part: AnswerPart) -> bytes:
        """The events that tell of one more part; with the last one the response itself."""
        match part:
            case Acknowledged(usage=usage):
                kind = "response.incomplete" if self._output.reason == "length" else "response.completed"
                return self._life(kind, self.whole(usage))
            case Waiting():
                return b""
            case _:
                return b"".join(self._event(event) for event in self._output.take(part))

    def note(self, part: AnswerPart) -> None:
        """One more part of an answer that is not streamed."""
        if not isinstance(part, Waiting | Acknowledged):
            self._output.take(part)

    def whole(self, usage: TokenUsage) -> bytes:
        """The response, after its last part."""
        short = self._output.reason == "length"
        return _encode(
            msgspec.structs.replace(
                self._begun,
                status="incomplete" if short else "completed",
                output=self._output.items,
                incomplete_details=IncompleteBody() if short else None,
                usage=UsageBody.of(usage),
            )
        )

    def failed(self, error: CarrelError) -> bytes:
        """The end of a stream that cannot go on."""
        broke = self._event(Broke(error.code, error.message, error.param))
        failure = FailureBody(_code_of(error), error.message)
        ended = msgspec.structs.replace(
            self._begun, status="failed", output=self._output.items, error=failure
        )
        return broke + self._life("response.failed", _encode(ended))

    def _life(self, kind: str, response: bytes) -> bytes:
        return self._sent(kind, b'{"type":"' + kind.encode() + b'","response":' + response + b"}")

    def _event(self, event: msgspec.Struct) -> bytes:
        return self._sent(str(event.__struct_config__.tag), _encode(event))

    def _sent(self, kind: str, event: bytes) -> bytes:
        number = self._told
        self._told += 1
        return b'event: %s\ndata: %s,"sequence_number":%d}\n\n' % (kind.encode(), event[:-1], number)


def _code_of(error: CarrelError) -> str:
    """OpenAI has a closed list of codes here."""
    if isinstance(error, TryAgain):
        return "rate_limit_exceeded"
    return "invalid_prompt" if isinstance(error, BadRequest) else "server_error"
