"""From Anthropic's turns and blocks to the turns of a conversation."""

import msgspec

from appliance.api.anthropic.wire import BlockBody, TextBlockBody, TurnBody
from appliance.api.dialogue.asking import NOTHING
from appliance.api.dialogue.turns import Turns
from appliance.domain.prompts import ToolCall
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest


def turns_of(system: str | list[TextBlockBody] | None, given: list[TurnBody]) -> Turns:
    """All turns. Raises ``BadRequest`` naming the turn at fault."""
    turns = Turns(joins=True)
    if system:
        turns.say("system", system if isinstance(system, str) else _texts(system, "system"))
    for index, turn in enumerate(given):
        _add(turns, turn, f"messages[{index}].content")
    if not turns.messages or turns.messages[-1].role == "assistant":
        raise BadRequest(
            "`messages` must end with a turn of the user: no model here goes on with a turn of its own.",
            param="messages",
        )
    return turns


def _add(turns: Turns, turn: TurnBody, at: str) -> None:
    if isinstance(turn.content, str):
        turns.say(turn.role, turn.content)
        return
    for index, block in enumerate(turn.content):
        _add_block(turns, turn, block, f"{at}[{index}]")


def _add_block(turns: Turns, turn: TurnBody, block: BlockBody, at: str) -> None:
    match block.type:
        case "text" if block.text is not None:
            turns.say(turn.role, block.text)
        case "thinking" | "redacted_thinking":
            # What a model thought in earlier turns is no part of what it reads in later ones.
            return
        case "tool_use" if turn.role == "assistant":
            turns.call(_call(block, at))
        case "tool_result" if turn.role == "user":
            _give_back(turns, block, at)
        case "text" | "tool_use" | "tool_result":
            raise BadRequest(f"`{at}` is not complete, or not in a turn of the right role.", param=at)
        case _:
            raise BadRequest(
                f"`{at}` is no text and no tool: the models here read no images or documents.", param=at
            )


def _call(block: BlockBody, at: str) -> ToolCall:
    if block.id is None or block.name is None:
        raise BadRequest(f"`{at}` needs `id`, `name` and `input`.", param=at)
    arguments = bytes(block.input).strip()
    if not arguments.startswith(b"{"):
        raise BadRequest(f"`{at}.input` must be an object.", param=f"{at}.input")
    return ToolCall(block.id, block.name, arguments.decode())


def _give_back(turns: Turns, block: BlockBody, at: str) -> None:
    if block.tool_use_id is None:
        raise BadRequest(f"`{at}.tool_use_id` is missing.", param=f"{at}.tool_use_id")
    text = _result(block.content, f"{at}.content")
    # The shapes below have no place for a failure; a model reads it in the text.
    turns.give_back(block.tool_use_id, f"Error: {text}" if block.is_error else text, at=f"{at}.tool_use_id")


def _result(content: msgspec.Raw, at: str) -> str:
    if content == NOTHING:
        return ""
    result = _decoded(content, at)
    return result if isinstance(result, str) else _texts(result, at)


def _decoded(content: msgspec.Raw, at: str) -> str | list[TextBlockBody]:
    try:
        # A union is a shape to msgspec and no type to mypy.
        return decode_checked(content, str | list[TextBlockBody])  # type: ignore[arg-type]
    except BadRequest:
        raise BadRequest(f"`{at}` must be a text or a list of text blocks.", param=at) from None


def _texts(blocks: list[TextBlockBody], at: str) -> str:
    texts = [block.text for block in blocks if block.type == "text" and block.text is not None]
    if len(texts) < len(blocks):
        raise BadRequest(
            f"`{at}` has a block that is no text: the models here read no images or documents.", param=at
        )
    return "\n".join(texts)
