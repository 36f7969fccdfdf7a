"""The body of ``POST /v1/chat/completions``."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.api.openai.asked import Asked
from appliance.api.openai.fields import CHAT_NOT_YET, Fields
from appliance.api.openai.shapes import CHAT
from appliance.api.openai.wire import GenerationBody, TokenLimit, check_prompt_size
from appliance.domain.generation import ChatPrompt, GenerationRequest, Message, Role
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest


class PartBody(msgspec.Struct, frozen=True):
    """One part of a message. Only ``text`` parts are read."""

    type: str
    text: str | None = None


class MessageBody(msgspec.Struct, frozen=True):
    """One turn. Its other fields (``name``, ``tool_call_id`` ...) are not looked at."""

    role: Role
    content: str | list[PartBody] | None = None
    tool_calls: list[object] | None = None


class ChatBody(GenerationBody, frozen=True, kw_only=True):
    """The whole body."""

    messages: Annotated[list[MessageBody], Meta(min_length=1, max_length=1024)]
    max_completion_tokens: TokenLimit | None = None


_FIELDS: Final = Fields(known=frozenset(ChatBody.__struct_fields__), not_yet=CHAT_NOT_YET)


def read_chat(body: bytes, *, request_id: str, most_prompt_bytes: int) -> Asked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _FIELDS.ignored_in(body)
    chat = decode_checked(body, ChatBody)
    messages = tuple(_message(index, message) for index, message in enumerate(chat.messages))
    check_prompt_size(sum(len(one.content.encode()) for one in messages), most_prompt_bytes, "messages")
    request = GenerationRequest(
        id=request_id,
        model=chat.model,
        prompt=ChatPrompt(messages),
        sampling=chat.wishes,
        max_tokens=_max_tokens(chat),
        stop=chat.stops,
        service_class=chat.service_class,
    )
    return Asked(request, CHAT, bool(chat.stream), chat.includes_usage, ignored)


def _max_tokens(chat: ChatBody) -> int | None:
    new, old = chat.max_completion_tokens, chat.max_tokens
    if new is not None and old is not None and new != old:
        raise BadRequest(
            "`max_tokens` and `max_completion_tokens` mean the same; send one of them.", param="max_tokens"
        )
    return old if new is None else new


def _message(index: int, message: MessageBody) -> Message:
    at = f"messages[{index}]"
    if message.tool_calls:
        raise BadRequest(f"`{at}.tool_calls` is not supported yet; leave it out.", param=f"{at}.tool_calls")
    if message.content is None:
        raise BadRequest(f"`{at}.content` must be a text.", param=f"{at}.content")
    if isinstance(message.content, str):
        return Message(message.role, message.content)
    return Message(message.role, "\n".join(_text(at, part) for part in message.content))


def _text(at: str, part: PartBody) -> str:
    if part.type != "text" or part.text is None:
        raise BadRequest(
            f"`{at}.content` has a part that is not text: the models here read no images, sound or files.",
            param=f"{at}.content",
        )
    return part.text
