"""What a model is given to go on from: conversations with their tools, text or tokens; and what its answer
must look like.
"""

from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["system", "developer", "user", "assistant", "tool"]

TOOL_CALL_BEGINS: Final = "<tool_call>"
TOOL_CALL_ENDS: Final = "</tool_call>"
"""What every model here is told, and where it must held, to write around a call: JSON with ``name`` and
``arguments`` between them."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model asked for. ``arguments`` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. ``tool_calls`` are an assistant's; ``tool_call_id`` and ``name`` say what a
    tool's turn answers.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may ask for. ``parameters`` is the JSON schema, as text, that its arguments
    are held to; ``told`` the one that the model is told, with all its words; empty: the same.
    """

    name: str
    description: str
    parameters: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether functions may or must be asked for; ``name`` is the only one that may, where one is named."""

    mode: Literal["none", "auto", "required"] = "auto"
    name: str = ""
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """A conversation, rendered by the recipe's own template.

    ``thinking`` and ``effort`` go to templates that know them; None and empty leave it to the template.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    thinking: bool | None = None
    effort: str = ""


@dataclass(frozen=True, slots=True)
class TextPrompt:
    """Plain text to go on from; special tokens in it are text, not control."""

    text: str


@dataclass(frozen=True, slots=True)
class TokenPrompt:
    """Tokens to go on from, exactly these."""

    tokens: tuple[int, ...]


Prompt = ChatPrompt | TextPrompt | TokenPrompt


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """What an answer must look like: JSON that the ``schema`` (as text) allows; an empty one allows any
    object.
    """

    schema: str = ""


@dataclass(frozen=True, slots=True)
class PreparedPrompt:
    """A prompt as an engine takes it. ``constraint`` is the grammar that its answer has to keep, made for
    ``engines.constraint``; empty: none. ``thinks_at_once``: it ends within what the model says to itself.
    """

    tokens: tuple[int, ...]
    constraint: str = ""
    thinks_at_once: bool = False
