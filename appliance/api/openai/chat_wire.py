"""The body of ``POST /v1/chat/completions``."""

from functools import partial
from typing import Annotated, Final, Literal

from msgspec import Meta

from appliance.api.dialogue import asking
from appliance.api.dialogue.answering import Asked
from appliance.api.openai.chat_encoding import ChatEncoder
from appliance.api.openai.chat_messages import MessageBody, read_message
from appliance.api.openai.chat_tools import (
    FormatBody,
    ToolBody,
    ToolChoiceBody,
    read_format,
    read_tool_choice,
    read_tools,
)
from appliance.api.openai.fields import CHAT_HARMLESS, CHAT_NOT_YET, Fields
from appliance.api.openai.wire import GenerationBody, TokenLimit, check_prompt_size, same
from appliance.domain.generation import GenerationRequest
from appliance.domain.prompts import ChatPrompt
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest


class ChatBody(GenerationBody, frozen=True, kw_only=True):
    """The whole body."""

    messages: Annotated[list[MessageBody], Meta(min_length=1, max_length=1024)]
    max_completion_tokens: TokenLimit | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    response_format: FormatBody | None = None
    tools: Annotated[list[ToolBody], Meta(max_length=asking.MOST_TOOLS)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoiceBody | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None


_FIELDS: Final = Fields(
    known=frozenset(ChatBody.__struct_fields__), not_yet=CHAT_NOT_YET, harmless=CHAT_HARMLESS
)


def read_chat(body: bytes, *, request_id: str, most_prompt_bytes: int) -> Asked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _FIELDS.ignored_in(body)
    chat = decode_checked(body, ChatBody)
    request = GenerationRequest(
        id=request_id,
        model=chat.model,
        prompt=_prompt(chat, most_prompt_bytes),
        sampling=chat.wishes,
        max_tokens=same(max_tokens=chat.max_tokens, max_completion_tokens=chat.max_completion_tokens),
        stop=chat.stops,
        service_class=chat.service_class,
        n=chat.choices,
        logprobs=_logprobs(chat),
        answer_format=read_format(chat.response_format),
    )
    stream = bool(chat.stream)
    encoder = partial(ChatEncoder, request=request, stream=stream, include_usage=chat.includes_usage)
    return Asked(request, encoder, stream, ignored)


def _prompt(chat: ChatBody, most_bytes: int) -> ChatPrompt:
    messages = [read_message(message, f"messages[{index}]") for index, message in enumerate(chat.messages)]
    tools = read_tools(chat.tools)
    thinking, effort = asking.effort(chat.reasoning_effort)
    prompt = ChatPrompt(
        asking.named(messages),
        tools,
        read_tool_choice(chat.tool_choice, tools, parallel=chat.parallel_tool_calls),
        thinking,
        effort,
    )
    check_prompt_size(asking.size_bytes(prompt), most_bytes, "messages")
    return prompt


def _logprobs(chat: ChatBody) -> int | None:
    if chat.logprobs:
        return chat.top_logprobs or 0
    if chat.top_logprobs:
        raise BadRequest("`top_logprobs` needs `logprobs` to be true.", param="top_logprobs")
    return None
