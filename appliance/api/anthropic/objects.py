"""What a message is made of, as Anthropic's client reads it, and the events of a streamed one."""

from typing import Final

import msgspec

from appliance.domain.generation import TokenUsage


class TextBlock(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    """What the model says."""

    text: str


class ThinkingBlock(msgspec.Struct, frozen=True, tag_field="type", tag="thinking"):
    """What it thought before. Nothing here is signed."""

    thinking: str
    signature: str = ""


class ToolUseBlock(msgspec.Struct, frozen=True, tag_field="type", tag="tool_use"):
    """A tool that it asks for; ``input`` is an object's JSON."""

    id: str
    name: str
    input: msgspec.Raw


Block = TextBlock | ThinkingBlock | ToolUseBlock

NO_INPUT: Final = msgspec.Raw(b"{}")


class UsageBody(msgspec.Struct, frozen=True, kw_only=True):
    """Token counts. What was read from the cache is not among ``input_tokens``."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0

    @classmethod
    def of(cls, counts: TokenUsage) -> "UsageBody":
        """The wire shape of ``counts``."""
        return cls(
            input_tokens=counts.prompt_tokens - counts.cached_tokens,
            output_tokens=counts.completion_tokens,
            cache_read_input_tokens=counts.cached_tokens,
        )


class MessageBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; what a stream begins with has no content and no end yet."""

    id: str
    type: str = "message"
    role: str = "assistant"
    model: str
    content: tuple[Block, ...] = ()
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: UsageBody
    system_fingerprint: str


class MessageStart(msgspec.Struct, frozen=True, tag_field="type", tag="message_start"):
    """The first event."""

    message: MessageBody


class BlockStart(msgspec.Struct, frozen=True, tag_field="type", tag="content_block_start"):
    """A block begins, empty."""

    index: int
    content_block: Block


class TextMore(msgspec.Struct, frozen=True, tag_field="type", tag="text_delta"):
    """More text."""

    text: str


class ThoughtMore(msgspec.Struct, frozen=True, tag_field="type", tag="thinking_delta"):
    """More thoughts."""

    thinking: str


class Signature(msgspec.Struct, frozen=True, tag_field="type", tag="signature_delta"):
    """Ends thoughts. Empty: nothing here is signed."""

    signature: str = ""


class InputMore(msgspec.Struct, frozen=True, tag_field="type", tag="input_json_delta"):
    """More of a tool's input."""

    partial_json: str


More = TextMore | ThoughtMore | Signature | InputMore


class BlockMore(msgspec.Struct, frozen=True, tag_field="type", tag="content_block_delta"):
    """A block grows."""

    index: int
    delta: More


class BlockStop(msgspec.Struct, frozen=True, tag_field="type", tag="content_block_stop"):
    """A block is whole."""

    index: int


class Ending(msgspec.Struct, frozen=True):
    """Part of ``MessageDelta``."""

    stop_reason: str
    stop_sequence: str | None


class MessageDelta(msgspec.Struct, frozen=True, tag_field="type", tag="message_delta"):
    """Why it ended, and the counts."""

    delta: Ending
    usage: UsageBody


class MessageStop(msgspec.Struct, frozen=True, tag_field="type", tag="message_stop"):
    """The last event."""


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    """The stream lives."""


Event = MessageStart | BlockStart | BlockMore | BlockStop | MessageDelta | MessageStop | Ping
