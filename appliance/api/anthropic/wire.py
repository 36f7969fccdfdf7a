"""The bodies of ``POST /v1/messages`` and ``POST /v1/messages/count_tokens``."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from appliance.api.dialogue.asking import MOST_TOOLS, nothing
from appliance.api.openai.wire import ModelName, StopText, TokenLimit

ToolId = Annotated[str, Meta(min_length=1, max_length=128)]


class BlockBody(msgspec.Struct, frozen=True, kw_only=True):
    """One block of a turn. Which fields it needs, its type says; ``cache_control`` is not looked at."""

    type: str
    text: str | None = None
    id: ToolId | None = None
    name: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    input: msgspec.Raw = msgspec.field(default_factory=nothing)
    tool_use_id: ToolId | None = None
    content: msgspec.Raw = msgspec.field(default_factory=nothing)
    is_error: bool | None = None


class TextBlockBody(msgspec.Struct, frozen=True):
    """A block where only text may be."""

    type: str
    text: str | None = None


class TurnBody(msgspec.Struct, frozen=True):
    """One turn."""

    role: Literal["user", "assistant", "system"]
    content: str | list[BlockBody]


class ToolBody(msgspec.Struct, frozen=True, kw_only=True):
    """A tool of the client's; those that Anthropic runs itself have a ``type`` of their own."""

    name: str
    type: str | None = None
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.field(default_factory=nothing)


class ToolChoiceBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether tools may or must be used."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the model thinks first. ``budget_tokens`` is not kept to: ``max_tokens`` is."""

    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: TokenLimit | None = None
    display: Literal["summarized", "omitted"] | None = None


class FormatBody(msgspec.Struct, frozen=True):
    """What the text must look like."""

    type: Literal["json_schema"]
    schema: msgspec.Raw


class OutputBody(msgspec.Struct, frozen=True):
    """About the answer."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: FormatBody | None = None


class CountBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversation consists of. The last fields are only read to say what the box does not do."""

    model: ModelName
    messages: Annotated[list[TurnBody], Meta(min_length=1, max_length=1024)]
    system: str | list[TextBlockBody] | None = None
    tools: Annotated[list[ToolBody], Meta(max_length=MOST_TOOLS)] | None = None
    tool_choice: ToolChoiceBody | None = None
    thinking: ThinkingBody | None = None
    output_config: OutputBody | None = None
    cache_control: Any = None
    container: Any = None
    mcp_servers: Any = None


class MetadataBody(msgspec.Struct, frozen=True):
    """What the client says of its user. It is not kept."""

    user_id: Annotated[str, Meta(max_length=1024)] | None = None


class MessagesBody(CountBody, frozen=True, kw_only=True):
    """The whole body of a request for an answer."""

    max_tokens: TokenLimit
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    stop_sequences: Annotated[list[StopText], Meta(max_length=16)] | None = None
    stream: bool | None = None
    metadata: MetadataBody | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
