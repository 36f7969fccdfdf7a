"""The body of ``POST /v1/responses``."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from appliance.api.dialogue.asking import MOST_TOOLS, nothing
from appliance.api.openai.wire import ModelName, TokenLimit

CallId = Annotated[str, Meta(min_length=1, max_length=128)]
FunctionName = Annotated[str, Meta(min_length=1, max_length=128)]
Short = Annotated[str, Meta(max_length=512)]


class PartBody(msgspec.Struct, frozen=True):
    """One part of a message, or of what a function gave back."""

    type: str
    text: str | None = None
    refusal: str | None = None


class ItemBody(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the conversation. Which fields it needs, its type says; without one it is a message."""

    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: str | list[PartBody] | None = None
    call_id: CallId | None = None
    name: FunctionName | None = None
    arguments: str | None = None
    output: str | list[PartBody] | None = None


class ToolBody(msgspec.Struct, frozen=True, kw_only=True):
    """A function that the model may ask for; other kinds of tools have other fields."""

    type: str
    name: FunctionName | None = None
    description: str | None = None
    parameters: msgspec.Raw = msgspec.field(default_factory=nothing)
    strict: bool | None = None


class ToolChoiceBody(msgspec.Struct, frozen=True):
    """The function that the model must ask for."""

    type: str
    name: str | None = None


class FormatBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the text must look like."""

    type: str
    name: Short | None = None
    description: str | None = None
    schema: msgspec.Raw = msgspec.field(default_factory=nothing)
    strict: bool | None = None


class TextBody(msgspec.Struct, frozen=True):
    """About the text of the answer."""

    format: FormatBody | None = None
    verbosity: str | None = None


class ReasoningBody(msgspec.Struct, frozen=True):
    """How long to think."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    summary: str | None = None
    generate_summary: str | None = None


class ResponsesBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole body. The last fields are only read to say that the box does not do what they ask for."""

    model: ModelName
    input: str | Annotated[list[ItemBody], Meta(min_length=1, max_length=1024)]
    instructions: str | None = None
    tools: Annotated[list[ToolBody], Meta(max_length=MOST_TOOLS)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoiceBody | None = None
    parallel_tool_calls: bool | None = None
    stream: bool | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    max_output_tokens: TokenLimit | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    text: TextBody | None = None
    reasoning: ReasoningBody | None = None
    truncation: Literal["auto", "disabled"] | None = None
    store: bool | None = None
    include: Annotated[list[Short], Meta(max_length=16)] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    metadata: Annotated[dict[Annotated[str, Meta(max_length=64)], Short], Meta(max_length=16)] | None = None
    service_tier: str | None = None
    user: Short | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    background: bool | None = None
    prompt: Any = None
    moderation: Any = None
