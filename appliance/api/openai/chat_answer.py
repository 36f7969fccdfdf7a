"""A whole chat answer."""

import msgspec
from msgspec import UNSET, UnsetType

from appliance.api.dialogue.parts import AnswerEnded, AnswerPart, CallArguments, CallBegun, SaidText, Thought
from appliance.api.openai.logprobs import LogprobBody, logprob_bodies


class CalledBody(msgspec.Struct, frozen=True):
    """What is asked for. ``arguments`` are JSON text."""

    name: str
    arguments: str


class CallBody(msgspec.Struct, frozen=True, kw_only=True):
    """A function that the model asks for."""

    id: str
    type: str = "function"
    function: CalledBody


class TurnBody(msgspec.Struct, frozen=True, kw_only=True):
    """The answer's turn. What the model thought is told under both names that clients look for."""

    role: str = "assistant"
    content: str | None
    refusal: None = None
    annotations: list[str] = []
    tool_calls: list[CallBody] | UnsetType = UNSET
    reasoning_content: str | UnsetType = UNSET
    reasoning: str | UnsetType = UNSET


class LogprobsBody(msgspec.Struct, frozen=True):
    """Of all tokens of a choice, whatever they were for."""

    content: list[LogprobBody]
    refusal: None = None


class ChoiceBody(msgspec.Struct, frozen=True):
    """One choice."""

    index: int
    message: TurnBody
    logprobs: LogprobsBody | None
    finish_reason: str


class Choice:
    """One choice as it comes."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._calls: list[CallBegun] = []
        self._arguments: list[list[str]] = []
        self._logprobs: list[LogprobBody] = []
        self._reason = ""

    def note(self, part: AnswerPart) -> None:
        """One more part."""
        match part:
            case SaidText():
                self._texts.append(part.text)
                self._logprobs += logprob_bodies(part.logprobs)
            case Thought():
                self._thoughts.append(part.text)
            case CallBegun():
                self._calls.append(part)
                self._arguments.append([])
            case CallArguments():
                self._arguments[part.index].append(part.text)
            case AnswerEnded():
                self._reason = part.reason

    def body(self, *, logprobs: bool) -> ChoiceBody:
        """All of it."""
        content = "".join(self._texts)
        calls = [
            CallBody(id=call.id, function=CalledBody(call.name, "".join(arguments)))
            for call, arguments in zip(self._calls, self._arguments, strict=True)
        ]
        thoughts = "".join(self._thoughts) or UNSET
        turn = TurnBody(
            content=content if content or not calls else None,
            tool_calls=calls or UNSET,
            reasoning_content=thoughts,
            reasoning=thoughts,
        )
        return ChoiceBody(self._index, turn, LogprobsBody(self._logprobs) if logprobs else None, self._reason)
