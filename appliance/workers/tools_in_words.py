"""Tools for models whose chat template knows none: said in the system's turn, and calls as text.

The forms are those that most models with calls were taught: JSON between ``<tool_call>`` and its end, and
what came of it between ``<tool_response>`` and its end, in a turn of the user.
"""

import json
from collections.abc import Sequence
from typing import Final

from appliance.domain.prompts import TOOL_CALL_BEGINS, TOOL_CALL_ENDS, Message, Tool, ToolCall, ToolChoice
from appliance.workers.tool_shapes import arguments_of, shape_of_tool

_RESULT_BEGINS: Final = "<tool_response>"
_RESULT_ENDS: Final = "</tool_response>"
_INTRODUCTION: Final = (
    "You can call these functions:\n{tools}\n"
    "To call one, write only this:\n"
    f'{TOOL_CALL_BEGINS}{{{{"name": "…", "arguments": {{{{…}}}}}}}}{TOOL_CALL_ENDS}'
)
"""Short, because it takes its part of every context."""


def in_words(messages: Sequence[Message], tools: Sequence[Tool], choice: ToolChoice) -> list[Message]:
    """The same conversation, in which every turn is only a role and a text."""
    told = _with_results([_with_calls(message) for message in messages])
    if not tools:
        return told
    instructions = _instructions(tools, choice)
    if told and told[0].role in ("system", "developer"):
        return [Message(told[0].role, f"{told[0].content}\n\n{instructions}"), *told[1:]]
    return [Message("system", instructions), *told]


def _instructions(tools: Sequence[Tool], choice: ToolChoice) -> str:
    described = "\n".join(json.dumps(shape_of_tool(tool)["function"], ensure_ascii=False) for tool in tools)
    said = [_INTRODUCTION.format(tools=described)]
    if choice.name:
        said.append(f"Answer with a call of {choice.name}.")
    elif choice.mode == "required":
        said.append("Answer with a call.")
    several = choice.parallel and not choice.name
    said.append("Several calls may follow each other." if several else "Make one call only.")
    return "\n".join(said)


def _with_calls(message: Message) -> Message:
    if not message.tool_calls:
        return message
    parts = [message.content] if message.content else []
    return Message(message.role, "\n".join(parts + [_call(call) for call in message.tool_calls]))


def _call(call: ToolCall) -> str:
    asked = json.dumps({"name": call.name, "arguments": arguments_of(call)}, ensure_ascii=False)
    return f"{TOOL_CALL_BEGINS}{asked}{TOOL_CALL_ENDS}"


def _with_results(messages: Sequence[Message]) -> list[Message]:
    """Results that follow each other are one turn, with what the user says then: many templates want the
    turns of user and assistant to alternate.
    """
    told: list[Message] = []
    after_result = False
    for message in messages:
        role = "user" if message.role == "tool" else message.role
        content = message.content
        if message.role == "tool":
            content = f"{_RESULT_BEGINS}\n{content}\n{_RESULT_ENDS}"
        if after_result and role == "user":
            told[-1] = Message("user", f"{told[-1].content}\n{content}")
        else:
            told.append(Message(role, content))
        after_result = message.role == "tool"
    return told
