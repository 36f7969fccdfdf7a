"""The turns of a chat body."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from appliance.domain.prompts import Message, Role, ToolCall
from appliance.errors import BadRequest

CallId = Annotated[str, Meta(min_length=1, max_length=256)]
FunctionName = Annotated[str, Meta(min_length=1, max_length=128)]

_NOT_TEXT: Final = "the models here read no images, sound or files; send text parts"


class PartBody(msgspec.Struct, frozen=True):
    """One part of a turn. ``text`` parts are read, and in a turn of the model ``refusal`` parts."""

    type: str
    text: str | None = None
    refusal: str | None = None


class CalledBody(msgspec.Struct, frozen=True):
    """What was asked for. ``arguments`` are JSON text, as the model wrote it."""

    name: FunctionName
    arguments: str = ""


class CallBody(msgspec.Struct, frozen=True):
    """One call that the model made before."""

    id: CallId
    function: CalledBody
    type: Literal["function"] = "function"


class MessageBody(msgspec.Struct, frozen=True):
    """One turn. Its other fields (what it once thought, who refused ...) are not looked at."""

    role: Role
    content: str | list[PartBody] | None = None
    refusal: str | None = None
    name: Annotated[str, Meta(max_length=128)] | None = None
    tool_calls: Annotated[list[CallBody], Meta(max_length=128)] | None = None
    tool_call_id: CallId | None = None
    function_call: Any = None
    audio: Any = None


def read_message(message: MessageBody, at: str) -> Message:
    """A turn of the conversation. Raises ``BadRequest`` naming the place at fault."""
    _check_kinds(message, at)
    calls = tuple([_call(call) for call in message.tool_calls or ()])
    is_tool = message.role == "tool"
    return Message(
        message.role,
        _content(message, at),
        tool_calls=calls,
        tool_call_id=(message.tool_call_id or "") if is_tool else "",
        name=(message.name or "") if is_tool else "",
    )


def _check_kinds(message: MessageBody, at: str) -> None:
    if message.function_call is not None:
        raise BadRequest(
            f"`{at}.function_call` is not supported; send `tool_calls` instead.", param=f"{at}.function_call"
        )
    if message.audio is not None:
        raise BadRequest(f"`{at}.audio` is not supported: {_NOT_TEXT}.", param=f"{at}.audio")
    if message.tool_calls and message.role != "assistant":
        raise BadRequest(f"`{at}.tool_calls` belongs to an assistant's turn.", param=f"{at}.tool_calls")


def _call(call: CallBody) -> ToolCall:
    return ToolCall(call.id, call.function.name, call.function.arguments.strip() or "{}")


def _content(message: MessageBody, at: str) -> str:
    content = message.content
    if content is None and message.role == "assistant" and (message.tool_calls or message.refusal):
        return message.refusal or ""
    if content is None:
        raise BadRequest(f"`{at}.content` must be a text or a list of parts.", param=f"{at}.content")
    if isinstance(content, str):
        return content
    return "\n".join([_part(message, part, f"{at}.content[{index}]") for index, part in enumerate(content)])


def _part(message: MessageBody, part: PartBody, at: str) -> str:
    text = part.text if part.type == "text" else None
    if part.type == "refusal" and message.role == "assistant":
        text = part.refusal
    if text is None:
        wrong = _NOT_TEXT if part.type not in {"text", "refusal"} else "it has no text"
        raise BadRequest(f"`{at}` is a part that is not supported: {wrong}.", param=at)
    return text
