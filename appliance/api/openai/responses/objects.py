"""What a response is made of, as OpenAI's client reads it."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from appliance.api.openai.logprobs import LogprobBody
from appliance.domain.generation import TokenUsage

Status = Literal["in_progress", "completed", "incomplete", "failed"]


class OutputText(msgspec.Struct, frozen=True, tag_field="type", tag="output_text"):
    """A text of a message. No model here cites, so ``annotations`` stays empty."""

    text: str
    logprobs: Sequence[LogprobBody] = ()
    annotations: tuple[()] = ()


class ReasoningText(msgspec.Struct, frozen=True, tag_field="type", tag="reasoning_text"):
    """What the model thought."""

    text: str


class MessageItem(msgspec.Struct, frozen=True, tag_field="type", tag="message", kw_only=True):
    """What the model says."""

    id: str
    status: Status
    role: str = "assistant"
    content: tuple[OutputText, ...] = ()


class ReasoningItem(msgspec.Struct, frozen=True, tag_field="type", tag="reasoning", kw_only=True):
    """What the model said to itself before."""

    id: str
    status: Status
    summary: tuple[()] = ()
    content: tuple[ReasoningText, ...] = ()


class CallItem(msgspec.Struct, frozen=True, tag_field="type", tag="function_call", kw_only=True):
    """A function that the model asks for."""

    id: str
    status: Status
    call_id: str
    name: str
    arguments: str = ""


Item = MessageItem | ReasoningItem | CallItem
Part = OutputText | ReasoningText


class InputDetails(msgspec.Struct, frozen=True):
    """Part of ``UsageBody``."""

    cached_tokens: int
    cache_write_tokens: int = 0


class OutputDetails(msgspec.Struct, frozen=True):
    """Part of ``UsageBody``. Thoughts are not counted apart."""

    reasoning_tokens: int = 0


class UsageBody(msgspec.Struct, frozen=True, kw_only=True):
    """Token counts of one request."""

    input_tokens: int
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails = OutputDetails()
    total_tokens: int

    @classmethod
    def of(cls, counts: TokenUsage) -> "UsageBody":
        """The wire shape of ``counts``."""
        return cls(
            input_tokens=counts.prompt_tokens,
            input_tokens_details=InputDetails(counts.cached_tokens),
            output_tokens=counts.completion_tokens,
            total_tokens=counts.prompt_tokens + counts.completion_tokens,
        )


class FailureBody(msgspec.Struct, frozen=True):
    """Why a response failed after it had begun; ``code`` is one of OpenAI's."""

    code: str
    message: str


class IncompleteBody(msgspec.Struct, frozen=True):
    """Why a response is shorter than the model wanted."""

    reason: str = "max_output_tokens"


class ReasoningEcho(msgspec.Struct, frozen=True):
    """``reasoning`` as it was asked for."""

    effort: str | None = None
    summary: None = None


class FormatEcho(msgspec.Struct, frozen=True, kw_only=True):
    """``text.format`` as it was asked for."""

    type: str = "text"
    name: str | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    schema: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    strict: bool | msgspec.UnsetType = msgspec.UNSET


class TextEcho(msgspec.Struct, frozen=True):
    """``text`` as it was asked for."""

    format: FormatEcho = FormatEcho()


class ToolEcho(msgspec.Struct, frozen=True, tag_field="type", tag="function", kw_only=True):
    """One of ``tools`` as it was offered. Arguments are held to the parameters in any case."""

    name: str
    description: str | None
    parameters: msgspec.Raw
    strict: bool


class ChoiceEcho(msgspec.Struct, frozen=True, tag_field="type", tag="function"):
    """``tool_choice`` where it named one."""

    name: str


class ResponseObject(msgspec.Struct, frozen=True, kw_only=True):
    """A response. Times are in seconds since 1970 UTC; of the settings, None is the recipe's default."""

    id: str
    object: str = "response"
    created_at: int
    status: Status = "in_progress"
    model: str
    output: tuple[Item, ...] = ()
    error: FailureBody | None = None
    incomplete_details: IncompleteBody | None = None
    usage: UsageBody | None = None
    instructions: str | None = None
    max_output_tokens: int | None = None
    metadata: dict[str, str]
    parallel_tool_calls: bool
    reasoning: ReasoningEcho
    temperature: float | None = None
    text: TextEcho
    tool_choice: str | ChoiceEcho
    tools: tuple[ToolEcho, ...]
    top_logprobs: int
    top_p: float | None = None
    user: str | None = None
    service_tier: str
    system_fingerprint: str
    truncation: str = "disabled"
    store: bool = False
    background: bool = False
    previous_response_id: None = None
    max_tool_calls: None = None
