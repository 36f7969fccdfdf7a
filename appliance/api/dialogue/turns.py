"""A conversation put together from what clients send piece by piece: texts, calls and their outcomes."""

from dataclasses import replace

from appliance.domain.prompts import Message, Role, ToolCall
from appliance.errors import BadRequest


class Turns:
    """The turns so far. ``joins`` makes one turn of consecutive ones of the same role."""

    def __init__(self, *, joins: bool) -> None:
        self._joins = joins
        self._turns: list[Message] = []
        self._called: dict[str, str] = {}

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of them."""
        return tuple(self._turns)

    def say(self, role: Role, text: str) -> None:
        """Somebody said something."""
        last = self._turns[-1] if self._turns else None
        if self._joins and last is not None and last.role == role and not last.tool_calls:
            self._turns[-1] = replace(last, content=f"{last.content}\n{text}")
        else:
            self._turns.append(Message(role, text))

    def call(self, call: ToolCall) -> None:
        """The model asked for a function: in the turn in which it spoke, if it did."""
        if not self._turns or self._turns[-1].role != "assistant":
            self._turns.append(Message("assistant", ""))
        last = self._turns[-1]
        self._turns[-1] = replace(last, tool_calls=(*last.tool_calls, call))
        self._called[call.id] = call.name

    def give_back(self, call_id: str, text: str, *, at: str) -> None:
        """What a function gave back. Raises ``BadRequest`` where nobody asked for it."""
        if call_id not in self._called:
            raise BadRequest(f"`{at}` answers a call that is not in the conversation before it.", param=at)
        self._turns.append(Message("tool", text, tool_call_id=call_id, name=self._called[call_id]))
