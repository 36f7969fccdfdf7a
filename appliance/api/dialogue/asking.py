"""Functions, forms of answers and turns as the box's own values, checked. Chat, responses and messages share
this; each reads its own shapes first.

``at`` is the place of a value in the body, as an error names it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

import msgspec

from appliance.domain.prompts import AnswerFormat, ChatPrompt, Message, Tool, ToolChoice
from appliance.errors import BadRequest
from appliance.policy.schemas import check_schema, check_tool_name, check_tool_parameters

MOST_TOOLS: Final = 128
NOTHING: Final = msgspec.Raw(b"null")
"""What an absent schema is."""

_MOST_DESCRIPTION: Final = 16_384
_NOT_WANTED: Final = frozenset({"none"})
_EFFORTS: Final = {"minimal": "low", "xhigh": "high", "max": "high"}


def nothing() -> msgspec.Raw:
    """``NOTHING``, as a default: one that is no value of JSON cannot be documented."""
    return NOTHING


def function(
    name: str | None,
    description: str | None,
    parameters: msgspec.Raw,
    at: str,
    *,
    parameters_field: str = "parameters",
) -> Tool:
    """A function that the model may ask for. Raises ``BadRequest``."""
    if len(description or "") > _MOST_DESCRIPTION:
        raise BadRequest(
            f"`{at}.description` must have at most {_MOST_DESCRIPTION} characters.", param=f"{at}.description"
        )
    place = f"{at}.{parameters_field}"
    sent = _schema_text(parameters, place)
    held_to = check_tool_parameters(sent, param=place)
    return Tool(
        check_tool_name(name or "", param=f"{at}.name"),
        description or "",
        held_to,
        "" if sent == held_to else sent,
    )


def functions(tools: Sequence[Tool], at: str = "tools") -> tuple[Tool, ...]:
    """Those of one request: no two of the same name. Raises ``BadRequest``."""
    if len(tools) > MOST_TOOLS:
        raise BadRequest(f"`{at}` must have at most {MOST_TOOLS} entries.", param=at)
    if len({tool.name for tool in tools}) < len(tools):
        raise BadRequest(f"Two entries of `{at}` have the same name; give each its own.", param=at)
    return tuple(tools)


def choice(
    mode: Literal["none", "auto", "required"],
    tools: Sequence[Tool],
    *,
    name: str = "",
    parallel: bool | None = None,
    at: str = "tool_choice",
) -> ToolChoice:
    """Whether functions may or must be asked for. Raises ``BadRequest`` where what must be cannot."""
    if name and name not in {tool.name for tool in tools}:
        raise BadRequest(f"`{at}` names a function that is not among `tools`; add it.", param=at)
    if mode == "required" and not tools:
        raise BadRequest(f"`{at}` asks for a function, and `tools` has none; add some.", param=at)
    return ToolChoice(mode, name, parallel is not False)


def answer_format(schema: msgspec.Raw, at: str) -> AnswerFormat:
    """JSON that keeps to ``schema``; any object where there is none. Raises ``BadRequest``."""
    text = _schema_text(schema, at)
    return AnswerFormat(check_schema(text, param=at) if text else "")


def _schema_text(schema: msgspec.Raw, at: str) -> str:
    """A JSON schema as it was sent; empty where there is none. Raises ``BadRequest``."""
    text = bytes(schema).decode().strip()
    if text == "null":
        return ""
    if not text.startswith("{"):
        raise BadRequest(f"`{at}` must hold a JSON schema, which is an object.", param=at)
    return text


def effort(wished: str | None) -> tuple[bool | None, str]:
    """``thinking`` and ``effort`` of a ``ChatPrompt``: templates know low, medium and high."""
    if wished is None:
        return None, ""
    if wished in _NOT_WANTED:
        return False, ""
    return True, _EFFORTS.get(wished, wished)


def named(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same turns, where a function's answer has the name of the function, as some templates want it."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    return tuple(
        [
            replace(one, name=names.get(one.tool_call_id, "")) if one.role == "tool" and not one.name else one
            for one in messages
        ]
    )


def size_bytes(prompt: ChatPrompt) -> int:
    """Of all text that a prompt is made of."""
    turns = [message.content for message in prompt.messages]
    calls = [call.name + call.arguments for message in prompt.messages for call in message.tool_calls]
    tools = [tool.name + tool.description + (tool.told or tool.parameters) for tool in prompt.tools]
    return sum([len(text.encode()) for text in (*turns, *calls, *tools)])
