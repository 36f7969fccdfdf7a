"""The body of ``POST /v1/completions``."""

from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta

from appliance.api.openai.fields import COMPLETION_NOT_YET, Fields
from appliance.api.openai.prompts import PromptsBody, read_prompts
from appliance.api.openai.wire import GenerationBody
from appliance.domain.generation import GenerationRequest
from appliance.domain.prompts import TextPrompt, TokenPrompt
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest

_DEFAULT_MAX_TOKENS: Final = 16
_MOST_CHOICES: Final = 1024
_MOST_ECHOED: Final = 2**21
"""Bytes of prompts, times choices, times what is told of each place: what an answer may grow to by echo."""
_BYTES_A_TOKEN: Final = 4
"""What a token counts as beside text."""


@dataclass(frozen=True, slots=True)
class CompletionAsked:
    """What was understood of a request. ``first`` is the request of the first prompt, and the others are like
    it.
    """

    prompts: tuple[TextPrompt | TokenPrompt, ...]
    first: GenerationRequest
    echo: bool
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]


class CompletionBody(GenerationBody, frozen=True, kw_only=True):
    """The whole body. ``max_tokens`` 0 reads the prompt only."""

    prompt: PromptsBody
    max_tokens: Annotated[int, Meta(ge=0, le=2**22)] | None = None
    echo: bool | None = None
    logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    best_of: Annotated[int, Meta(ge=1, le=128)] | None = None
    suffix: str | None = None


_FIELDS: Final = Fields(known=frozenset(CompletionBody.__struct_fields__), not_yet=COMPLETION_NOT_YET)


def read_completion(body: bytes, *, request_id: str, most_prompt_bytes: int) -> CompletionAsked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _FIELDS.ignored_in(body)
    asked = decode_checked(body, CompletionBody)
    prompts = read_prompts(asked.prompt, most_bytes=most_prompt_bytes)
    _check(asked, prompts)
    first = GenerationRequest(
        id=request_id if len(prompts) == 1 else f"{request_id}-0",
        model=asked.model,
        prompt=prompts[0],
        sampling=asked.wishes,
        max_tokens=_DEFAULT_MAX_TOKENS if asked.max_tokens is None else asked.max_tokens,
        stop=asked.stops,
        service_class=asked.service_class,
        n=asked.choices,
        logprobs=asked.logprobs,
        prompt_logprobs=asked.logprobs if asked.echo else None,
    )
    return CompletionAsked(
        prompts, first, bool(asked.echo), bool(asked.stream), asked.includes_usage, ignored
    )


def _check(asked: CompletionBody, prompts: tuple[TextPrompt | TokenPrompt, ...]) -> None:
    if asked.suffix:
        raise BadRequest(
            "`suffix` is not supported: the models here go on from a text and fill no gaps; leave it out.",
            param="suffix",
        )
    if asked.best_of not in {None, 1, asked.choices}:
        raise BadRequest(
            "`best_of` must be 1 or equal to `n`: the box returns all that it makes.", param="best_of"
        )
    if len(prompts) * asked.choices > _MOST_CHOICES:
        raise BadRequest(
            f"{len(prompts)} prompts with `n` {asked.choices} make over {_MOST_CHOICES} answers. "
            "Send fewer at once.",
            param="n",
        )
    if asked.max_tokens == 0 and not asked.echo:
        raise BadRequest("`max_tokens` 0 asks for no answer; it needs `echo`.", param="max_tokens")
    if asked.max_tokens == 0 and asked.choices > 1:
        raise BadRequest("`max_tokens` 0 makes no answers to choose from; leave `n` out.", param="n")
    if asked.echo:
        _check_echo(asked, prompts)


def _check_echo(asked: CompletionBody, prompts: tuple[TextPrompt | TokenPrompt, ...]) -> None:
    told = asked.choices * (1 if asked.logprobs is None else asked.logprobs + 1)
    if sum(map(_echo_bytes, prompts)) * told > _MOST_ECHOED:
        raise BadRequest(
            f"The prompts are too long to `echo` with so many choices and log-probabilities: at most "
            f"{_MOST_ECHOED // told} bytes, where a token counts as {_BYTES_A_TOKEN}. Send fewer at once.",
            param="echo",
        )


def _echo_bytes(prompt: TextPrompt | TokenPrompt) -> int:
    if isinstance(prompt, TokenPrompt):
        return _BYTES_A_TOKEN * len(prompt.tokens)
    return len(prompt.text.encode())
