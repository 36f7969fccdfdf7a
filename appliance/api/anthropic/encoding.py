"""A message as bytes: whole, or as Anthropic's events."""

import msgspec

from appliance.api.anthropic.blocks import Blocks
from appliance.api.anthropic.objects import (
    Ending,
    Event,
    MessageBody,
    MessageDelta,
    MessageStart,
    MessageStop,
    Ping,
    UsageBody,
)
from appliance.api.dialogue.parts import Acknowledged, AnswerPart
from appliance.domain.generation import TokenUsage, Waiting
from appliance.edge.anthropic_errors import error_json
from appliance.errors import CarrelError

_encode = msgspec.json.encode


def event_bytes(event: Event) -> bytes:
    """One event, as it is sent."""
    return b"event: %s\ndata: %s\n\n" % (str(event.__struct_config__.tag).encode(), _encode(event))


PING = event_bytes(Ping())
"""What a silent stream sends."""


class MessageEncoder:
    """One message; an ``Encoder`` of ``dialogue.answering``."""

    def __init__(self, begun: MessageBody, *, request_id: str, tells_thoughts: bool) -> None:
        self._begun = begun
        self._request_id = request_id
        self._blocks = Blocks(tells_thoughts=tells_thoughts)

    def opening(self) -> bytes:
        """What comes before any part."""
        return event_bytes(MessageStart(self._begun)) + PING

    def take(self, part: AnswerPart) -> bytes:
        """The events that tell of one more part."""
        match part:
            case Waiting():
                return b""
            case Acknowledged(usage=usage):
                ending = Ending(self._blocks.stop_reason, self._blocks.stop_sequence)
                return event_bytes(MessageDelta(ending, UsageBody.of(usage))) + event_bytes(MessageStop())
            case _:
                return b"".join(map(event_bytes, self._blocks.take(part)))

    def note(self, part: AnswerPart) -> None:
        """One more part of an answer that is not streamed."""
        if not isinstance(part, Waiting | Acknowledged):
            self._blocks.take(part)

    def whole(self, usage: TokenUsage) -> bytes:
        """The message, after its last part."""
        return _encode(
            msgspec.structs.replace(
                self._begun,
                content=self._blocks.whole,
                stop_reason=self._blocks.stop_reason,
                stop_sequence=self._blocks.stop_sequence,
                usage=UsageBody.of(usage),
            )
        )

    def failed(self, error: CarrelError) -> bytes:
        """The end of a stream that cannot go on."""
        return b"event: error\ndata: " + error_json(error, self._request_id) + b"\n\n"
