"""What the Responses API has and this box does not: refused with the next step, or named as ignored."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from appliance.api.openai.responses.wire import ResponsesBody
from appliance.errors import BadRequest

INSTEAD: Final = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "functions": "tools",
    "function_call": "tool_choice",
}
"""Fields of chat completions that would change the answer."""

NEUTRAL: Final[Mapping[str, tuple[Any, ...]]] = {
    "n": (None, 1),
    "stop": (None, [], ""),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "logit_bias": (None, {}),
    "logprobs": (None, False),
    "moderation": (None,),
}
"""Others of which only these values ask for nothing."""

LOGPROBS: Final = "message.output_text.logprobs"

_STATELESS: Final = "Nothing is kept on this box: send the whole conversation as `input`."


def check_stateless(body: ResponsesBody) -> None:
    """Refuse what would need something kept from before, or for later. Raises ``BadRequest``."""
    if body.previous_response_id is not None:
        raise BadRequest(_STATELESS, param="previous_response_id")
    if body.conversation is not None:
        raise BadRequest(_STATELESS, param="conversation")
    if body.background:
        raise BadRequest(
            "`background` needs answers to be kept; use `stream`, or send a batch with /v1/batches.",
            param="background",
        )
    if body.prompt is not None:
        raise BadRequest(
            "`prompt` names a stored prompt, and none are kept here: send its text as `instructions`.",
            param="prompt",
        )


def half_done(body: ResponsesBody) -> Iterator[str]:
    """Names of known fields that ask for more than is done."""
    if body.store:
        yield "store"
    if body.truncation == "auto":
        # A conversation that is too long is refused, so that no answer leaves out what its client sent.
        yield "truncation"
    if body.text is not None and body.text.verbosity not in {None, "medium"}:
        yield "text.verbosity"
    if body.reasoning is not None and (body.reasoning.summary or body.reasoning.generate_summary):
        yield "reasoning.summary"
    for wished in body.include or []:
        if wished != LOGPROBS:
            yield f"include.{wished}"
