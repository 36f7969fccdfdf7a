"""A response as it begins: what is known of it, and what it repeats of its request."""

import msgspec

from appliance.api.dialogue.asking import NOTHING
from appliance.api.openai.responses.objects import (
    ChoiceEcho,
    FormatEcho,
    ReasoningEcho,
    ResponseObject,
    TextEcho,
    ToolEcho,
)
from appliance.api.openai.responses.wire import FormatBody, ResponsesBody
from appliance.api.openai.wire import tier_of
from appliance.domain.generation import Accepted
from appliance.domain.prompts import ChatPrompt


def begun(asked: ResponsesBody, prompt: ChatPrompt, accepted: Accepted, request_id: str) -> ResponseObject:
    """The response to a request whose parts were found to be right."""
    choice = prompt.tool_choice
    return ResponseObject(
        id="resp_" + request_id.removeprefix("req_"),
        created_at=accepted.created_ms // 1000,
        model=accepted.model.id,
        system_fingerprint=accepted.model.fingerprint,
        service_tier=tier_of(accepted.service_class),
        instructions=asked.instructions,
        max_output_tokens=asked.max_output_tokens,
        metadata=asked.metadata or {},
        parallel_tool_calls=choice.parallel,
        reasoning=ReasoningEcho(asked.reasoning.effort if asked.reasoning else None),
        temperature=asked.temperature,
        text=TextEcho(_format(asked.text.format if asked.text else None)),
        tool_choice=ChoiceEcho(choice.name) if choice.name else choice.mode,
        tools=_tools(asked, prompt),
        top_logprobs=asked.top_logprobs or 0,
        top_p=asked.top_p,
        user=asked.user,
    )


def _tools(asked: ResponsesBody, prompt: ChatPrompt) -> tuple[ToolEcho, ...]:
    return tuple(
        [
            ToolEcho(
                name=tool.name,
                description=given.description,
                parameters=msgspec.Raw(tool.parameters.encode())
                if given.parameters == NOTHING
                else given.parameters,
                strict=given.strict is not False,
            )
            for tool, given in zip(prompt.tools, asked.tools or [], strict=True)
        ]
    )


def _format(wished: FormatBody | None) -> FormatEcho:
    if wished is None or wished.type != "json_schema":
        return FormatEcho(type=wished.type if wished else "text")
    return FormatEcho(
        type=wished.type,
        name=wished.name or "answer",
        description=wished.description or msgspec.UNSET,
        schema=wished.schema,
        strict=wished.strict is not False,
    )
