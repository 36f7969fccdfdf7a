"""The body that is sent to a host: made anew from what was understood, never a client's own bytes. Pure."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from appliance.domain.generation import Sampling
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt, Tool, ToolCall, ToolChoice
from appliance.domain.upstream import Upstream
from appliance.errors import BadRequest
from appliance.upstreams.work import Remote

CHAT_PATH: Final = "chat/completions"
TEXT_PATH: Final = "completions"
MOST_STOPS: Final = 4
"""That OpenAI takes. All are looked for in what comes back as well."""

Json = dict[str, Any]

_USUAL: Final = {"temperature": "temperature", "top_p": "top_p"}
_PENALTIES: Final = {"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty"}
_EXTRA: Final = {"top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repetition_penalty"}
"""Fields of ``Sampling`` to what hosts call them."""


def path_of(work: Remote) -> str:
    """Behind the address."""
    return CHAT_PATH if isinstance(work.asked, ChatPrompt) else TEXT_PATH


def body_of(work: Remote, upstream: Upstream) -> bytes:
    """JSON. Raises ``BadRequest`` for a prompt of tokens, which are another host's numbers."""
    body: Json = {
        "model": upstream.model,
        "stream": True,
        "stream_options": {"include_usage": True},
        upstream.length_field: work.max_tokens,
        **_prompt(work),
        **_sampling(work, upstream),
    }
    if work.n > 1:
        body["n"] = work.n
    if work.stop:
        body["stop"] = list(work.stop[:MOST_STOPS])
    return msgspec.json.encode(body)


def _prompt(work: Remote) -> Json:
    match work.asked:
        case ChatPrompt():
            return {**_chat(work.asked), **_format(work), **_chat_logprobs(work)}
        case TextPrompt(text=text):
            return {"prompt": text, **({} if work.logprobs is None else {"logprobs": work.logprobs})}
        case _:
            raise BadRequest("A model hosted elsewhere takes text, and no tokens.", param="prompt")


def _chat(prompt: ChatPrompt) -> Json:
    body: Json = {"messages": [_message(one) for one in prompt.messages]}
    if prompt.effort:
        body["reasoning_effort"] = prompt.effort
    if prompt.tools:
        body["tools"] = [_tool(one) for one in prompt.tools]
        body["tool_choice"] = _choice(prompt.tool_choice)
        if not prompt.tool_choice.parallel:
            body["parallel_tool_calls"] = False
    return body


def _message(message: Message) -> Json:
    body: Json = {"role": message.role, "content": message.content}
    if message.tool_calls:
        body["tool_calls"] = [_call(one) for one in message.tool_calls]
        body["content"] = message.content or None
    if message.role == "tool":
        body["tool_call_id"] = message.tool_call_id
    return body


def _call(call: ToolCall) -> Json:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _tool(tool: Tool) -> Json:
    schema = msgspec.Raw((tool.told or tool.parameters or "{}").encode())
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": schema},
    }


def _choice(choice: ToolChoice) -> str | Json:
    return {"type": "function", "function": {"name": choice.name}} if choice.name else choice.mode


def _format(work: Remote) -> Json:
    wished = work.answer_format
    if wished is None:
        return {}
    if not wished.schema:
        return {"response_format": {"type": "json_object"}}
    schema = {"name": "answer", "schema": msgspec.Raw(wished.schema.encode()), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _chat_logprobs(work: Remote) -> Json:
    return {} if work.logprobs is None else {"logprobs": True, "top_logprobs": work.logprobs}


def _sampling(work: Remote, upstream: Upstream) -> Json:
    fields = dict(_stated(work, _USUAL | _PENALTIES))
    if "sampling" in upstream.features:
        fields |= dict(_stated(work, _EXTRA))
    if "seed" in upstream.features:
        fields["seed"] = work.sampling.seed
    return fields


def _stated(work: Remote, names: dict[str, str]) -> Iterator[tuple[str, float]]:
    """Only what somebody set: some hosts refuse fields that they do not know, whatever their values."""
    sampling: Sampling = work.sampling
    return ((there, getattr(sampling, here)) for here, there in names.items() if here in work.stated)
