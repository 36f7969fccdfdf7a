"""The parts of an answer to a conversation, in the order in which a client hears of them.

``reading.parts_of`` makes them from the events of a run; each endpoint gives them its own shape.
"""

from dataclasses import dataclass

from appliance.domain.generation import TokenLogprob, TokenUsage, Waiting


@dataclass(frozen=True, slots=True)
class SaidText:
    """More text of one choice, without what the model thought or asked for. ``text`` may be empty while there
    are ``logprobs``, which are of all tokens, whatever part of the answer they made.
    """

    choice: int
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model says to itself before it answers."""

    choice: int
    text: str


@dataclass(frozen=True, slots=True)
class CallBegun:
    """The model asks for a function; ``index`` counts its calls from 0."""

    choice: int
    index: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CallArguments:
    """More of the arguments of a call, which are JSON text."""

    choice: int
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class AnswerEnded:
    """One choice is complete. ``reason`` is ``stop``, ``length`` or ``tool_calls``; ``stop`` is the stop text
    that ended it, where one did.
    """

    choice: int
    reason: str
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The ledger has committed the request: the answer may end now."""

    usage: TokenUsage


AnswerPart = Waiting | SaidText | Thought | CallBegun | CallArguments | AnswerEnded | Acknowledged
