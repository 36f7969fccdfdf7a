"""From a request and its exact prompt tokens to the work an engine is given and the hold the ledger takes.

Pure, but for ``draw_seed``: the same values give the same plan. The order of checks is the order in which a
client should mend things.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from appliance.domain.generation import (
    UNBOUNDED,
    Bounds,
    GenerationRequest,
    Sampling,
    SamplingWishes,
    ServiceClass,
    operation,
)
from appliance.domain.people import Caller, Project
from appliance.domain.prompts import PreparedPrompt
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.shapes import ModelShapes
from appliance.domain.usage import Hold, Operation
from appliance.engines.base import Generate, Work
from appliance.errors import BadRequest, ContextLengthExceeded, Restricted
from appliance.policy.budget import worst_case
from appliance.policy.flops import gflop
from appliance.services.generation.ports import ServedModel

SEED_SPACE: Final = 2**32
"""Samplers take 32-bit seeds; a longer seed of a client is folded, so equal seeds stay equal."""


Cost = Callable[[int, int, Sequence[int]], int]
"""What a request has cost, in micro-credits: of the prompt's tokens, those of them that were cached, and the
tokens of each answer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is held, what is dispatched, and what it will have cost. ``seed`` is 0 where nothing is drawn;
    ``thinks_at_once`` is of the prompt.
    """

    hold: Hold
    work: Work
    cost: Cost
    seed: int = 0
    thinks_at_once: bool = False


def plan(
    request: GenerationRequest,
    *,
    caller: Caller,
    project: Project,
    model: ServedModel,
    prompt: PreparedPrompt,
    work_id: int,
    fresh_seed: int,
    now_ms: int,
) -> Plan:
    """Resolve defaults and bounds. Raises ``ContextLengthExceeded``."""
    choices = check_choices(request.n, model)
    check_bias(request.sampling, model)
    max_tokens = answer_length(
        request.max_tokens,
        prompt_tokens=len(prompt.tokens),
        model=model,
        choices=choices,
        bounds=request.bounds,
    )
    work = Generate(
        id=work_id,
        prompt=prompt.tokens,
        max_tokens=max_tokens,
        sampling=resolve_sampling(request.sampling, model.defaults, fresh_seed),
        stop=request.stop,
        n=choices,
        owner=isolation_domain(caller, project),
        logprobs=request.logprobs,
        prompt_logprobs=request.prompt_logprobs,
        score_from=request.score_from,
        constraint=prompt.constraint,
        yields=request.service_class is ServiceClass.OVERNIGHT,
    )
    return Plan(
        hold_for(
            request.id,
            caller=caller,
            model=model,
            prompt_tokens=len(prompt.tokens),
            max_tokens=max_tokens,
            now_ms=now_ms,
            choices=choices,
            scored_tokens=scored_tokens(request, len(prompt.tokens)),
            resumable=request.service_class is ServiceClass.OVERNIGHT,
            op=operation(request),
        ),
        work,
        partial(_cost, model.shapes, scored_tokens(request, len(prompt.tokens))),
        seed=work.sampling.seed,
        thinks_at_once=prompt.thinks_at_once,
    )


def draw_seed() -> int:
    """A seed for a request that brought none."""
    return secrets.randbelow(SEED_SPACE)


def thoughts_around(model: ServedModel, planned: Plan) -> tuple[str, str] | None:
    """What stands before and behind the thoughts of this answer."""
    if model.thinking is None or not planned.thinks_at_once:
        return model.thinking
    return "", model.thinking[1]


def _cost(
    shapes: ModelShapes,
    scored_tokens: int,
    prompt_tokens: int,
    cached_tokens: int,
    generated_tokens: Sequence[int],
) -> int:
    return gflop(
        shapes,
        prompt_tokens=prompt_tokens,
        cached_tokens=cached_tokens,
        generated_tokens=generated_tokens,
        scored_tokens=scored_tokens,
    )


def isolation_domain(caller: Caller, project: Project) -> str:
    """Between whose requests KV cells may be shared: one person's in one project, or all of a project's where
    its lead said so.
    """
    return f"project:{project.id}" if project.shares_prefixes else f"holder:{caller.holder} in {project.id}"


def check_choices(wished: int, model: ServedModel) -> int:
    """How many answers. Raises ``BadRequest`` for more than the model computes at once."""
    most = model.capacity.sequences
    if wished > most:
        raise BadRequest(f"{model.identity.id} gives at most {most} answers at once.", param="n")
    return wished


def check_bias(wishes: SamplingWishes, model: ServedModel) -> None:
    """Raises ``BadRequest`` for a token that the model does not have."""
    if any(token >= model.shapes.vocabulary for token, _ in wishes.logit_bias):
        raise BadRequest("`logit_bias` names a token that the model does not have.", param="logit_bias")


def scored_tokens(request: GenerationRequest, prompt_tokens: int) -> int:
    """Tokens of the prompt whose log-probabilities are computed."""
    if request.prompt_logprobs is None:
        return 0
    return max(0, prompt_tokens - max(1, request.score_from))


def check_prompt(prompt_tokens: int, bounds: Bounds) -> None:
    """Raises ``Restricted`` for a prompt that is longer than the lab's rules allow."""
    if bounds.prompt_tokens is not None and prompt_tokens > bounds.prompt_tokens:
        raise Restricted(
            f"The prompt has {prompt_tokens} tokens: {bounds.by} allows at most {bounds.prompt_tokens}. "
            "Shorten it.",
            restriction=bounds.restriction,
            limit="prompt_tokens",
            waits_for="you",
        )


def answer_length(
    wished: int | None,
    *,
    prompt_tokens: int,
    model: ServedModel,
    choices: int = 1,
    bounds: Bounds = UNBOUNDED,
) -> int:
    """Most tokens each answer may have: the wish, or the recipe's default cut to what the lab's rules allow
    and to the room that is left. Raises ``Restricted`` for the prompt.
    """
    check_prompt(prompt_tokens, bounds)
    each = (model.capacity.kv_tokens - prompt_tokens) // choices
    room = min(model.context_tokens - prompt_tokens, each)
    if room < (wished != 0):
        raise ContextLengthExceeded(
            f"The prompt has {prompt_tokens} tokens; {model.identity.id} takes at most "
            f"{model.context_tokens} for prompt and answer together. Shorten the prompt.",
            param="messages",
        )
    if wished is None:
        return min(model.defaults.max_tokens, bounds.answer_tokens or room, room)
    if wished > room and room == each and choices > 1:
        raise ContextLengthExceeded(
            f"{choices} answers of {wished} tokens do not fit the model's memory together; ask for at most "
            f"{room} tokens each, or for fewer answers.",
            param="n",
        )
    if wished > room:
        raise ContextLengthExceeded(
            f"The prompt has {prompt_tokens} tokens and max_tokens is {wished}; {model.identity.id} takes "
            f"at most {model.context_tokens} together. Ask for at most {room}.",
            param="max_tokens",
        )
    return wished


def resolve_sampling(wishes: SamplingWishes, defaults: SamplingDefaults, fresh_seed: int) -> Sampling:
    """The client's wish, else the recipe's default; the seed always set."""

    def pick(wish: float | None, default: float) -> float:
        return default if wish is None else wish

    return Sampling(
        temperature=pick(wishes.temperature, defaults.temperature),
        top_p=pick(wishes.top_p, defaults.top_p),
        top_k=defaults.top_k if wishes.top_k is None else wishes.top_k,
        min_p=pick(wishes.min_p, defaults.min_p),
        seed=(fresh_seed if wishes.seed is None else wishes.seed) % SEED_SPACE,
        frequency_penalty=pick(wishes.frequency_penalty, 0.0),
        presence_penalty=pick(wishes.presence_penalty, 0.0),
        repeat_penalty=pick(wishes.repeat_penalty, 1.0),
        logit_bias=wishes.logit_bias,
    )


def hold_for(
    request_id: str,
    *,
    caller: Caller,
    model: ServedModel,
    prompt_tokens: int,
    max_tokens: int,
    now_ms: int,
    choices: int = 1,
    scored_tokens: int = 0,
    resumable: bool = False,
    op: Operation = "chat",
) -> Hold:
    """The most this request can cost, and the rates that a crash sweep charges by."""
    most = worst_case(
        model.shapes,
        prompt_tokens=prompt_tokens,
        max_completion_tokens=max_tokens,
        choices=choices,
        scored_tokens=scored_tokens,
    )
    return Hold(
        request_id=request_id,
        caller=caller,
        model=model.identity,
        prompt_tokens=prompt_tokens,
        max_completion_tokens=max_tokens * choices,
        scored_tokens=scored_tokens,
        gflop=most.gflop,
        gflop_of_prompt=most.gflop_of_prompt,
        gflop_per_token=most.gflop_per_token,
        started_ms=now_ms,
        resumable=resumable,
        op=op,
    )
