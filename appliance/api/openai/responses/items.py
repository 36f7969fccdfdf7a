"""The item of a response that is being made, from its first event to its last. One kind each."""

from collections.abc import Sequence
from typing import Protocol

from appliance.api.openai.logprobs import LogprobBody
from appliance.api.openai.responses.events import (
    ArgumentsDone,
    ArgumentsMore,
    Event,
    ItemAdded,
    ItemDone,
    PartAdded,
    PartDone,
    TextDone,
    TextMore,
    ThoughtDone,
    ThoughtMore,
)
from appliance.api.openai.responses.objects import (
    CallItem,
    MessageItem,
    OutputText,
    ReasoningItem,
    ReasoningText,
    Status,
)


class OpenItem(Protocol):
    """An item that may still grow."""

    def opening(self) -> list[Event]:
        """The events that announce it."""
        ...

    def closing(self, status: Status) -> list[Event]:
        """The events that end it; the last one has the whole item."""
        ...


class OpenMessage:
    """What the model says."""

    def __init__(self, item_id: str, index: int) -> None:
        self._id = item_id
        self._index = index
        self._texts: list[str] = []
        self._logprobs: list[LogprobBody] = []

    def opening(self) -> list[Event]:
        """The item, and its only part."""
        return [
            ItemAdded(self._index, MessageItem(id=self._id, status="in_progress")),
            PartAdded(self._id, self._index, OutputText("")),
        ]

    def more(self, text: str, logprobs: Sequence[LogprobBody]) -> list[Event]:
        """More of it."""
        self._texts.append(text)
        self._logprobs += logprobs
        return [TextMore(self._id, self._index, text, logprobs)]

    def closing(self, status: Status) -> list[Event]:
        """Text, part and item, whole."""
        part = OutputText("".join(self._texts), self._logprobs)
        item = MessageItem(id=self._id, status=status, content=(part,))
        return [
            TextDone(self._id, self._index, part.text, part.logprobs),
            PartDone(self._id, self._index, part),
            ItemDone(self._index, item),
        ]


class OpenReasoning:
    """What the model thinks."""

    def __init__(self, item_id: str, index: int) -> None:
        self._id = item_id
        self._index = index
        self._texts: list[str] = []

    def opening(self) -> list[Event]:
        """The item, and its only part."""
        return [
            ItemAdded(self._index, ReasoningItem(id=self._id, status="in_progress")),
            PartAdded(self._id, self._index, ReasoningText("")),
        ]

    def more(self, text: str) -> list[Event]:
        """More of it."""
        self._texts.append(text)
        return [ThoughtMore(self._id, self._index, text)]

    def closing(self, status: Status) -> list[Event]:
        """Text, part and item, whole."""
        part = ReasoningText("".join(self._texts))
        item = ReasoningItem(id=self._id, status=status, content=(part,))
        return [
            ThoughtDone(self._id, self._index, part.text),
            PartDone(self._id, self._index, part),
            ItemDone(self._index, item),
        ]


class OpenCall:
    """A function that the model asks for."""

    def __init__(self, item_id: str, index: int, *, call_id: str, name: str) -> None:
        self._id = item_id
        self._index = index
        self._call_id = call_id
        self._name = name
        self._pieces: list[str] = []

    def opening(self) -> list[Event]:
        """The item."""
        return [ItemAdded(self._index, self._item("in_progress"))]

    def more(self, text: str) -> list[Event]:
        """More of its arguments."""
        self._pieces.append(text)
        return [ArgumentsMore(self._id, self._index, text)]

    def closing(self, status: Status) -> list[Event]:
        """Arguments and item, whole."""
        item = self._item(status)
        return [
            ArgumentsDone(self._id, self._index, item.arguments, self._name),
            ItemDone(self._index, item),
        ]

    def _item(self, status: Status) -> CallItem:
        return CallItem(
            id=self._id,
            status=status,
            call_id=self._call_id,
            name=self._name,
            arguments="".join(self._pieces),
        )
