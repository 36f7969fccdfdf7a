"""From the items of a request to the turns of a conversation."""

from typing import Final

from appliance.api.dialogue.turns import Turns
from appliance.api.openai.responses.wire import ItemBody, PartBody
from appliance.domain.prompts import ToolCall
from appliance.errors import BadRequest

_TEXTS: Final = frozenset({"input_text", "output_text", "text"})


def turns_of(instructions: str | None, given: str | list[ItemBody]) -> Turns:
    """All turns. Raises ``BadRequest`` naming the item at fault."""
    turns = Turns(joins=False)
    if instructions:
        turns.say("system", instructions)
    if isinstance(given, str):
        turns.say("user", given)
        return turns
    for index, item in enumerate(given):
        _add(turns, item, f"input[{index}]")
    if not turns.messages:
        raise BadRequest("`input` holds nothing to answer.", param="input")
    return turns


def _add(turns: Turns, item: ItemBody, at: str) -> None:
    match item.type:
        case "message":
            _say(turns, item, at)
        case "function_call":
            _call(turns, item, at)
        case "function_call_output":
            _give_back(turns, item, at)
        case "reasoning":
            return
        case "item_reference":
            raise BadRequest(
                f"`{at}` refers to an item by its id, and nothing is kept here: send the item itself.",
                param=at,
            )
        case _:
            raise BadRequest(
                f"`{at}` is of a kind that the box does not know: send messages, function calls and their "
                "outputs.",
                param=f"{at}.type",
            )


def _say(turns: Turns, item: ItemBody, at: str) -> None:
    if item.role is None or item.content is None:
        raise BadRequest(f"`{at}` needs `role` and `content`.", param=at)
    turns.say(item.role, _text(item.content, f"{at}.content"))


def _call(turns: Turns, item: ItemBody, at: str) -> None:
    if item.call_id is None or item.name is None or item.arguments is None:
        raise BadRequest(f"`{at}` needs `call_id`, `name` and `arguments`.", param=at)
    turns.call(ToolCall(item.call_id, item.name, item.arguments))


def _give_back(turns: Turns, item: ItemBody, at: str) -> None:
    if item.call_id is None or item.output is None:
        raise BadRequest(f"`{at}` needs `call_id` and `output`.", param=at)
    turns.give_back(item.call_id, _text(item.output, f"{at}.output"), at=f"{at}.call_id")


def _text(content: str | list[PartBody], at: str) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(_part(part, at) for part in content)


def _part(part: PartBody, at: str) -> str:
    text = part.text if part.type in _TEXTS else part.refusal if part.type == "refusal" else None
    if text is None:
        raise BadRequest(
            f"`{at}` has a part that is not text: the models here read no images, sound or files.", param=at
        )
    return text
