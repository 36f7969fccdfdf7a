"""The functions of a chat body, and the form that it wants its answer in."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.api.dialogue import asking
from appliance.domain.prompts import AnswerFormat, Tool, ToolChoice
from appliance.errors import BadRequest

_ChoiceMode = Literal["none", "auto", "required"]


class FunctionBody(msgspec.Struct, frozen=True):
    """A function. ``strict`` is always kept to: a call that is not JSON of the schema cannot come out."""

    name: str
    description: str | None = None
    parameters: msgspec.Raw = msgspec.field(default_factory=asking.nothing)
    strict: bool | None = None


class ToolBody(msgspec.Struct, frozen=True):
    """One entry of ``tools``."""

    type: str
    function: FunctionBody | None = None


class NameBody(msgspec.Struct, frozen=True):
    """Which function."""

    name: str


class ToolChoiceBody(msgspec.Struct, frozen=True):
    """The function that must be asked for."""

    type: str
    function: NameBody | None = None


class SchemaBody(msgspec.Struct, frozen=True):
    """A named schema. It is always kept to, ``strict`` or not."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "answer"
    description: Annotated[str, Meta(max_length=16_384)] | None = None
    schema: msgspec.Raw = msgspec.field(default_factory=asking.nothing)
    strict: bool | None = None


class FormatBody(msgspec.Struct, frozen=True):
    """What the text of the answer must be. A ``schema`` beside ``json_object`` is an older way to say it."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaBody | None = None
    schema: msgspec.Raw = msgspec.field(default_factory=asking.nothing)


def read_tools(tools: list[ToolBody] | None) -> tuple[Tool, ...]:
    """The functions. Raises ``BadRequest`` naming the place at fault."""
    return asking.functions([_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools or ())])


def _tool(tool: ToolBody, at: str) -> Tool:
    if tool.type != "function" or tool.function is None:
        raise BadRequest(
            f'`{at}` must be a function: {{"type": "function", "function": {{"name": ...}}}}.', param=at
        )
    one = tool.function
    return asking.function(one.name, one.description, one.parameters, f"{at}.function")


def read_tool_choice(
    wished: _ChoiceMode | ToolChoiceBody | None, tools: tuple[Tool, ...], *, parallel: bool | None
) -> ToolChoice:
    """Whether functions may or must be asked for. Raises ``BadRequest``."""
    if wished is None or isinstance(wished, str):
        return asking.choice(wished or "auto", tools, parallel=parallel)
    if wished.type != "function" or wished.function is None:
        raise BadRequest(
            "`tool_choice` must be none, auto, required or one function; to allow some functions only, send "
            "only those as `tools`.",
            param="tool_choice",
        )
    return asking.choice("required", tools, name=wished.function.name, parallel=parallel)


def read_format(wished: FormatBody | None) -> AnswerFormat | None:
    """The form of the answer; None where it is free. Raises ``BadRequest``."""
    at = "response_format"
    if wished is None or wished.type == "text":
        return None
    if wished.type == "json_object":
        return asking.answer_format(wished.schema, f"{at}.schema")
    if wished.json_schema is None:
        raise BadRequest(f"`{at}.json_schema` is missing.", param=f"{at}.json_schema")
    return asking.answer_format(wished.json_schema.schema, f"{at}.json_schema.schema")
