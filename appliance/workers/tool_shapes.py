"""Tools and calls in the shapes that chat templates expect: those of OpenAI's API, as plain JSON values."""

import json
from collections.abc import Callable, Iterator

from appliance.domain.prompts import Message, Tool, ToolCall

Shape = dict[str, object]
Guard = Callable[[str], str]
"""What is done to every text that is not ours."""


def shape_of_tool(tool: Tool, guard: Guard = str) -> Shape:
    """A function that may be called."""
    return {
        "type": "function",
        "function": {
            "name": guard(tool.name),
            "description": guard(tool.description),
            "parameters": _guarded(json.loads(tool.told or tool.parameters), guard),
        },
    }


def shape_of_turn(message: Message, guard: Guard = str) -> Shape:
    """A turn; what it does not have is not in it."""
    turn: Shape = {"role": message.role, "content": guard(message.content)}
    if message.tool_calls:
        turn["tool_calls"] = [_shape_of_call(call, guard) for call in message.tool_calls]
    if message.tool_call_id:
        turn["tool_call_id"] = guard(message.tool_call_id)
    if message.name:
        turn["name"] = guard(message.name)
    return turn


def arguments_of(call: ToolCall) -> object:
    """As a JSON object, which is how templates want to write them themselves; other text as it is."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return call.arguments
    return arguments if isinstance(arguments, dict) else call.arguments


def texts_in(value: object) -> Iterator[str]:
    """Every text in a JSON value, names of fields included."""
    match value:
        case str():
            yield value
        case dict():
            for name, one in value.items():
                yield name
                yield from texts_in(one)
        case list():
            for one in value:
                yield from texts_in(one)


def _shape_of_call(call: ToolCall, guard: Guard) -> Shape:
    return {
        "id": guard(call.id),
        "type": "function",
        "function": {"name": guard(call.name), "arguments": _guarded(arguments_of(call), guard)},
    }


def _guarded(value: object, guard: Guard) -> object:
    match value:
        case str():
            return guard(value)
        case dict():
            return {guard(name): _guarded(one, guard) for name, one in value.items()}
        case list():
            return [_guarded(one, guard) for one in value]
        case _:
            return value
