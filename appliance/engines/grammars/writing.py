"""The grammar of an answer, in llguidance's dialect of Lark, from schemas that were checked before.

Between two tokens of JSON stands at most a space, or a line break with a few spaces: a model that likes
spaces cannot write them for ever. The model chooses its own tokens for the text (``no_forcing``): it is
asked first and the grammar after, so it needs no tokens chosen for it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.prompts import TOOL_CALL_BEGINS, TOOL_CALL_ENDS, AnswerFormat, Tool, ToolChoice

MOST_CALLS: Final = 32
"""In one answer."""

_ANY_OBJECT: Final = '{"type":"object"}'
_BLANK: Final = r" |\n {0,16}"
_HEAD: Final = '%llguidance {"no_forcing": true}\n'
_TEXT: Final = "TEXT: /(.|\\n)*/\n"
_GAP: Final = "GAP: /[ \\n]{1,2}/\n"


@dataclass(frozen=True, slots=True)
class Thoughts:
    """What a model may say to itself before an answer in a form. ``opened``: the prompt ends within it."""

    begin: str
    end: str
    opened: bool


def answer_grammar(
    answer_format: AnswerFormat | None,
    tools: Sequence[Tool],
    choice: ToolChoice,
    thoughts: Thoughts | None = None,
) -> str:
    """The grammar that an answer has to keep; empty where it may be anything.

    With tools at choice and a format, it is either calls or JSON of that format, and no other text.
    """
    offered = offered_tools(tools, choice)
    if not offered and answer_format is None:
        return ""
    rules = _GAP + _TEXT
    alternatives = []
    if answer_format is not None and not must_call(choice):
        alternatives.append("json")
        rules += f"json: %json {_schema(answer_format.schema or _ANY_OBJECT)}\n"
    if offered:
        rules += _call(offered)
        alternatives.append("call" + _more_calls(choice))
    if not answer_format and not must_call(choice):
        # Lazy: the text ends as soon as a call begins.
        alternatives = ["TEXT", "said_first body" + _more_calls(choice)]
        rules += f"said_first[lazy]: TEXT {_quoted(TOOL_CALL_BEGINS)}\n"
        thoughts = None
    answer = _thought_first(thoughts) + f"({' | '.join(alternatives)})"
    return f"{_HEAD}start: {answer}\n{_thought(thoughts)}{rules}"


def offered_tools(tools: Sequence[Tool], choice: ToolChoice) -> tuple[Tool, ...]:
    """Those that may be called."""
    if choice.mode == "none":
        return ()
    return tuple(tool for tool in tools if choice.name in {"", tool.name})


def must_call(choice: ToolChoice) -> bool:
    """Whether an answer without a call is none."""
    return choice.mode == "required" or bool(choice.name and choice.mode != "none")


def _more_calls(choice: ToolChoice) -> str:
    """A break may follow the last call: some models end so. A function that is asked for by name is called
    once.
    """
    several = choice.parallel and not choice.name
    return f" (GAP? call){{0,{MOST_CALLS - 1}}} GAP?" if several else ""


def _thought_first(thoughts: Thoughts | None) -> str:
    if thoughts is None:
        return ""
    return "thought GAP? " if thoughts.opened else "(thought GAP?)? "


def _thought(thoughts: Thoughts | None) -> str:
    if thoughts is None:
        return ""
    rest = f"thought_rest[lazy]: TEXT {_quoted(thoughts.end)}\n"
    begin = "" if thoughts.opened else f"{_quoted(thoughts.begin)} "
    return f"thought: {begin}thought_rest\n{rest}"


def _call(tools: Sequence[Tool]) -> str:
    alternatives = " | ".join(f"tool_{number}" for number in range(len(tools)))
    rules = "".join(f"tool_{number}: %json {_schema(_call_of(tool))}\n" for number, tool in enumerate(tools))
    return (
        f"call: {_quoted(TOOL_CALL_BEGINS)} body\n"
        f"body: GAP? ({alternatives}) GAP? {_quoted(TOOL_CALL_ENDS)}\n{rules}"
    )


def _call_of(tool: Tool) -> str:
    """The definitions of the parameters are moved to where the references look for them."""
    parameters = json.loads(tool.parameters)
    definitions = {word: parameters.pop(word) for word in ("$defs", "definitions") if word in parameters}
    return json.dumps(
        {
            "type": "object",
            "properties": {"name": {"const": tool.name}, "arguments": parameters},
            "required": ["name", "arguments"],
            "additionalProperties": False,
            **definitions,
        }
    )


def _schema(text: str) -> str:
    """With the library's own word for how JSON is written."""
    return json.dumps({**json.loads(text), "x-guidance": {"whitespace_pattern": _BLANK}})


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
