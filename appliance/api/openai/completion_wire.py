"""The body of ``POST /v1/completions``."""

from typing import Final

from appliance.api.openai.asked import Asked
from appliance.api.openai.fields import COMPLETION_NOT_YET, Fields
from appliance.api.openai.shapes import COMPLETION
from appliance.api.openai.wire import GenerationBody, check_prompt_size
from appliance.domain.generation import GenerationRequest, TextPrompt
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest

_DEFAULT_MAX_TOKENS: Final = 16


class CompletionBody(GenerationBody, frozen=True, kw_only=True):
    """The whole body."""

    prompt: str | list[object]


_FIELDS: Final = Fields(known=frozenset(CompletionBody.__struct_fields__), not_yet=COMPLETION_NOT_YET)


def read_completion(body: bytes, *, request_id: str, most_prompt_bytes: int) -> Asked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _FIELDS.ignored_in(body)
    asked = decode_checked(body, CompletionBody)
    prompt = _single(asked.prompt)
    check_prompt_size(len(prompt.encode()), most_prompt_bytes, "prompt")
    request = GenerationRequest(
        id=request_id,
        model=asked.model,
        prompt=TextPrompt(prompt),
        sampling=asked.wishes,
        max_tokens=_DEFAULT_MAX_TOKENS if asked.max_tokens is None else asked.max_tokens,
        stop=asked.stops,
        service_class=asked.service_class,
    )
    return Asked(request, COMPLETION, bool(asked.stream), asked.includes_usage, ignored)


def _single(prompt: str | list[object]) -> str:
    one = prompt[0] if isinstance(prompt, list) and len(prompt) == 1 else prompt
    if not isinstance(one, str):
        raise BadRequest(
            "`prompt` must be one text: token ids and several prompts at once are not supported yet.",
            param="prompt",
        )
    if not one:
        raise BadRequest("`prompt` must not be empty.", param="prompt")
    return one
