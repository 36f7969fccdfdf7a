"""From the body of ``POST /v1/responses`` to a request of the domain."""

from typing import Final, Literal

from appliance.api.dialogue import asking
from appliance.api.dialogue.answering import Asked
from appliance.api.openai.fields import Fields
from appliance.api.openai.responses.conversation import turns_of
from appliance.api.openai.responses.echoing import begun
from appliance.api.openai.responses.encoding import ResponseEncoder
from appliance.api.openai.responses.limits import INSTEAD, LOGPROBS, NEUTRAL, check_stateless, half_done
from appliance.api.openai.responses.wire import FormatBody, ResponsesBody, ToolBody
from appliance.api.openai.wire import check_prompt_size, class_of
from appliance.domain.generation import Accepted, GenerationRequest, SamplingWishes
from appliance.domain.prompts import AnswerFormat, ChatPrompt, Tool, ToolChoice
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest

_FIELDS: Final = Fields(known=frozenset(ResponsesBody.__struct_fields__), not_yet=NEUTRAL, instead=INSTEAD)


def read_response(body: bytes, *, request_id: str, most_prompt_bytes: int) -> Asked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _FIELDS.ignored_in(body)
    asked = decode_checked(body, ResponsesBody)
    check_stateless(asked)
    prompt = _prompt(asked)
    check_prompt_size(asking.size_bytes(prompt), most_prompt_bytes, "input")
    request = GenerationRequest(
        id=request_id,
        model=asked.model,
        prompt=prompt,
        sampling=SamplingWishes(temperature=asked.temperature, top_p=asked.top_p, seed=asked.seed),
        max_tokens=asked.max_output_tokens,
        service_class=class_of(asked.service_tier),
        logprobs=_logprobs(asked),
        answer_format=_format(asked.text.format if asked.text else None),
    )

    def encoder(accepted: Accepted) -> ResponseEncoder:
        return ResponseEncoder(begun(asked, prompt, accepted, request_id))

    return Asked(request, encoder, bool(asked.stream), (*ignored, *half_done(asked)))


def _prompt(asked: ResponsesBody) -> ChatPrompt:
    turns = turns_of(asked.instructions, asked.input)
    tools = asking.functions([_tool(tool, f"tools[{index}]") for index, tool in enumerate(asked.tools or [])])
    thinking, effort = asking.effort(asked.reasoning.effort if asked.reasoning else None)
    return ChatPrompt(turns.messages, tools, _choice(asked, tools), thinking, effort)


def _tool(tool: ToolBody, at: str) -> Tool:
    if tool.type != "function":
        raise BadRequest(
            f"`{at}` is no function: the box runs no tools itself; send functions that your program runs.",
            param=f"{at}.type",
        )
    return asking.function(tool.name, tool.description, tool.parameters, at)


def _choice(asked: ResponsesBody, tools: tuple[Tool, ...]) -> ToolChoice:
    wished = asked.tool_choice
    mode: Literal["none", "auto", "required"] = "auto"
    name = ""
    if isinstance(wished, str):
        mode = wished
    elif wished is not None:
        if wished.type != "function" or not wished.name:
            raise BadRequest(
                "`tool_choice` must be none, auto, required, or name a function.", param="tool_choice"
            )
        mode, name = "required", wished.name
    return asking.choice(mode, tools, name=name, parallel=asked.parallel_tool_calls)


def _logprobs(asked: ResponsesBody) -> int | None:
    if LOGPROBS in (asked.include or []) or asked.top_logprobs:
        return asked.top_logprobs or 0
    return None


def _format(wished: FormatBody | None) -> AnswerFormat | None:
    if wished is None or wished.type == "text":
        return None
    if wished.type == "json_object":
        return AnswerFormat()
    if wished.type != "json_schema":
        raise BadRequest("`text.format.type` must be text, json_object or json_schema.", param="text.format")
    if wished.schema == asking.NOTHING:
        raise BadRequest("`text.format.schema` is missing.", param="text.format.schema")
    return asking.answer_format(wished.schema, "text.format.schema")
