"""The named events of a streamed response. Each gets its ``sequence_number`` when it is sent."""

from collections.abc import Sequence

import msgspec

from appliance.api.openai.logprobs import LogprobBody
from appliance.api.openai.responses.objects import Item, Part


class ItemAdded(msgspec.Struct, frozen=True, tag_field="type", tag="response.output_item.added"):
    """An item begins."""

    output_index: int
    item: Item


class ItemDone(msgspec.Struct, frozen=True, tag_field="type", tag="response.output_item.done"):
    """An item is whole."""

    output_index: int
    item: Item


class PartAdded(msgspec.Struct, frozen=True, tag_field="type", tag="response.content_part.added"):
    """A part of an item begins."""

    item_id: str
    output_index: int
    part: Part
    content_index: int = 0


class PartDone(msgspec.Struct, frozen=True, tag_field="type", tag="response.content_part.done"):
    """A part of an item is whole."""

    item_id: str
    output_index: int
    part: Part
    content_index: int = 0


class TextMore(msgspec.Struct, frozen=True, tag_field="type", tag="response.output_text.delta"):
    """More text of a message."""

    item_id: str
    output_index: int
    delta: str
    logprobs: Sequence[LogprobBody] = ()
    content_index: int = 0


class TextDone(msgspec.Struct, frozen=True, tag_field="type", tag="response.output_text.done"):
    """All text of a message."""

    item_id: str
    output_index: int
    text: str
    logprobs: Sequence[LogprobBody] = ()
    content_index: int = 0


class ThoughtMore(msgspec.Struct, frozen=True, tag_field="type", tag="response.reasoning_text.delta"):
    """More of what the model thinks."""

    item_id: str
    output_index: int
    delta: str
    content_index: int = 0


class ThoughtDone(msgspec.Struct, frozen=True, tag_field="type", tag="response.reasoning_text.done"):
    """All that it thought."""

    item_id: str
    output_index: int
    text: str
    content_index: int = 0


class ArgumentsMore(
    msgspec.Struct, frozen=True, tag_field="type", tag="response.function_call_arguments.delta"
):
    """More of a call's arguments."""

    item_id: str
    output_index: int
    delta: str


class ArgumentsDone(
    msgspec.Struct, frozen=True, tag_field="type", tag="response.function_call_arguments.done"
):
    """All arguments of a call."""

    item_id: str
    output_index: int
    arguments: str
    name: str


class Broke(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """The stream cannot go on."""

    code: str
    message: str
    param: str | None


Event = (
    ItemAdded | ItemDone | PartAdded | PartDone | TextMore | TextDone
    | ThoughtMore | ThoughtDone | ArgumentsMore | ArgumentsDone | Broke
)  # fmt: skip
