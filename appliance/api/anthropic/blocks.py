"""From the parts of an answer to the blocks of a message, and the events that tell how they grow."""

from collections.abc import Callable
from typing import Final

import msgspec

from appliance.api.anthropic.objects import (
    NO_INPUT,
    Block,
    BlockMore,
    BlockStart,
    BlockStop,
    Event,
    InputMore,
    More,
    Signature,
    TextBlock,
    TextMore,
    ThinkingBlock,
    ThoughtMore,
    ToolUseBlock,
)
from appliance.api.dialogue.parts import AnswerEnded, CallArguments, CallBegun, SaidText, Thought
from appliance.edge.decoding import nested_too_deep

Growing = SaidText | Thought | CallBegun | CallArguments | AnswerEnded

_STOP_REASONS: Final = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


class Blocks:
    """The blocks so far. ``tells_thoughts`` is whether the client wants to see what the model thinks."""

    def __init__(self, *, tells_thoughts: bool) -> None:
        self._tells_thoughts = tells_thoughts
        self._blocks: list[Block] = []
        self._kind: type[SaidText | Thought | CallBegun] | None = None
        self._finish: Callable[[str], Block] = TextBlock
        self._pieces: list[str] = []
        self.stop_reason = ""
        self.stop_sequence: str | None = None

    @property
    def whole(self) -> tuple[Block, ...]:
        """Those that are whole."""
        return tuple(self._blocks)

    def take(self, part: Growing) -> list[Event]:
        """One more part; the events that tell of it."""
        match part:
            case SaidText(text=text) if text:
                return self._open(SaidText, TextBlock(""), TextBlock) + self._more(text, TextMore(text))
            case Thought(text=text) if text and self._tells_thoughts:
                opened = self._open(Thought, ThinkingBlock(""), ThinkingBlock)
                return opened + self._more(text, ThoughtMore(text))
            case CallBegun():
                return self._call_begun(part)
            case CallArguments(text=text) if text and self._kind is CallBegun:
                return self._more(text, InputMore(text))
            case AnswerEnded():
                return self._ended(part)
        return []

    def _call_begun(self, part: CallBegun) -> list[Event]:
        call_id = f"toolu_{part.id.removeprefix('call_')}"

        def whole(text: str) -> Block:
            return ToolUseBlock(call_id, part.name, input_in(text))

        closing = self._close()
        return closing + self._open(CallBegun, ToolUseBlock(call_id, part.name, NO_INPUT), whole)

    def _ended(self, part: AnswerEnded) -> list[Event]:
        self.stop_reason = _STOP_REASONS[part.reason]
        if part.reason == "stop" and part.stop:
            self.stop_reason, self.stop_sequence = "stop_sequence", part.stop
        events: list[Event] = []
        if not self._blocks and self._kind is None:
            # Clients read the first block without looking whether there is one.
            events = self._open(SaidText, TextBlock(""), TextBlock)
        return events + self._close()

    def _open(
        self,
        kind: type[SaidText | Thought | CallBegun],
        begun: Block,
        finish: Callable[[str], Block],
    ) -> list[Event]:
        if self._kind is kind:
            return []
        closing = self._close()
        self._kind, self._finish = kind, finish
        return [*closing, BlockStart(len(self._blocks), begun)]

    def _more(self, text: str, more: More) -> list[Event]:
        self._pieces.append(text)
        return [BlockMore(len(self._blocks), more)]

    def _close(self) -> list[Event]:
        if self._kind is None:
            return []
        index = len(self._blocks)
        signed: list[Event] = [BlockMore(index, Signature())] if self._kind is Thought else []
        self._blocks.append(self._finish("".join(self._pieces)))
        self._kind, self._pieces = None, []
        return [*signed, BlockStop(index)]


def input_in(arguments: str) -> msgspec.Raw:
    """The object that a call's arguments are; an empty one where the model wrote something else."""
    data = arguments.encode()
    try:
        if nested_too_deep(data):
            return NO_INPUT
        msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return NO_INPUT
    return msgspec.Raw(data)
