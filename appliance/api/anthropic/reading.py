"""From the bodies of the Messages API to requests of the domain."""

from dataclasses import dataclass
from typing import Any, Final

from appliance.api.anthropic.conversation import turns_of
from appliance.api.anthropic.encoding import MessageEncoder
from appliance.api.anthropic.objects import MessageBody, UsageBody
from appliance.api.anthropic.wire import CountBody, MessagesBody, ToolBody
from appliance.api.dialogue import asking
from appliance.api.dialogue.answering import Asked
from appliance.api.openai.fields import Fields
from appliance.api.openai.wire import check_prompt_size
from appliance.domain.generation import Accepted, GenerationRequest, SamplingWishes
from appliance.domain.prompts import AnswerFormat, ChatPrompt, Tool, ToolChoice
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest

_INSTEAD: Final = {
    "stop": "stop_sequences",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "response_format": "output_config.format",
    "output_format": "output_config.format",
    "reasoning_effort": "output_config.effort",
}
_NEUTRAL: Final[dict[str, tuple[Any, ...]]] = {
    "n": (None, 1),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "logit_bias": (None, {}),
    "logprobs": (None, False),
    "container": (None,),
    "mcp_servers": (None, []),
}
_MESSAGES: Final = Fields(frozenset(MessagesBody.__struct_fields__), _NEUTRAL, _INSTEAD)


@dataclass(frozen=True, slots=True)
class Counted:
    """A conversation whose tokens shall be counted, and which fields were ignored."""

    model: str
    prompt: ChatPrompt
    ignored: tuple[str, ...]


def read_count(body: bytes, *, most_prompt_bytes: int) -> Counted:
    """Understand the body of ``count_tokens``. Raises ``BadRequest`` naming the field at fault."""
    ignored = _MESSAGES.ignored_in(body)
    asked = decode_checked(body, CountBody)
    return Counted(asked.model, _prompt(asked, most_prompt_bytes), ignored)


def read_messages(body: bytes, *, request_id: str, most_prompt_bytes: int) -> Asked:
    """Understand the body of ``messages``. Raises ``BadRequest`` naming the field at fault."""
    ignored = _MESSAGES.ignored_in(body)
    asked = decode_checked(body, MessagesBody)
    request = GenerationRequest(
        id=request_id,
        model=asked.model,
        prompt=_prompt(asked, most_prompt_bytes),
        sampling=SamplingWishes(
            temperature=asked.temperature, top_p=asked.top_p, top_k=asked.top_k, seed=asked.seed
        ),
        max_tokens=asked.max_tokens,
        stop=tuple(asked.stop_sequences or ()),
        answer_format=_format(asked),
    )
    shows = _shows_thoughts(asked)

    def encoder(accepted: Accepted) -> MessageEncoder:
        return MessageEncoder(_begun(accepted, request_id), request_id=request_id, tells_thoughts=shows)

    return Asked(request, encoder, bool(asked.stream), (*ignored, *_half_done(asked)))


def _prompt(asked: CountBody, most_bytes: int) -> ChatPrompt:
    turns = turns_of(asked.system, asked.messages)
    tools = asking.functions([_tool(tool, f"tools[{index}]") for index, tool in enumerate(asked.tools or [])])
    thinking, effort = _thinking(asked)
    prompt = ChatPrompt(turns.messages, tools, _choice(asked, tools), thinking, effort)
    check_prompt_size(asking.size_bytes(prompt), most_bytes, "messages")
    return prompt


def _tool(tool: ToolBody, at: str) -> Tool:
    if tool.type not in {None, "custom"}:
        raise BadRequest(
            f"`{at}` is a tool that Anthropic runs itself; this box runs none: send tools of your own, with "
            "`input_schema`.",
            param=f"{at}.type",
        )
    return asking.function(
        tool.name, tool.description, tool.input_schema, at, parameters_field="input_schema"
    )


def _choice(asked: CountBody, tools: tuple[Tool, ...]) -> ToolChoice:
    wished = asked.tool_choice
    if wished is None:
        return asking.choice("auto", tools)
    parallel = not wished.disable_parallel_tool_use
    match wished.type:
        case "auto" | "none":
            return asking.choice(wished.type, tools, parallel=parallel)
        case "any":
            return asking.choice("required", tools, parallel=parallel)
        case "tool":
            if not wished.name:
                raise BadRequest("`tool_choice.name` is missing.", param="tool_choice.name")
            return asking.choice("required", tools, name=wished.name, parallel=parallel)


def _thinking(asked: CountBody) -> tuple[bool | None, str]:
    """Absent means no, as at Anthropic's; adaptive leaves it to the model."""
    kind = asked.thinking.type if asked.thinking else "disabled"
    _, effort = asking.effort(asked.output_config.effort if asked.output_config else None)
    return {"enabled": True, "disabled": False, "adaptive": None}[kind], effort


def _shows_thoughts(asked: CountBody) -> bool:
    thinking = asked.thinking
    return thinking is not None and thinking.type != "disabled" and thinking.display != "omitted"


def _format(asked: CountBody) -> AnswerFormat | None:
    wished = asked.output_config.format if asked.output_config else None
    return None if wished is None else asking.answer_format(wished.schema, "output_config.format.schema")


def _half_done(asked: MessagesBody) -> tuple[str, ...]:
    """Known fields that ask for more than is done."""
    budget = asked.thinking is not None and asked.thinking.budget_tokens is not None
    return ("thinking.budget_tokens",) if budget else ()


def _begun(accepted: Accepted, request_id: str) -> MessageBody:
    return MessageBody(
        id="msg_" + request_id.removeprefix("req_"),
        model=accepted.model.id,
        usage=UsageBody(input_tokens=accepted.prompt_tokens, output_tokens=0),
        system_fingerprint=accepted.model.fingerprint,
    )
