"""From a request and its exact prompt tokens to the work an engine is given and the hold the ledger takes.

Pure: the same values give the same plan. The order of checks is the order in which a client should mend
things.
"""

from dataclasses import dataclass
from typing import Final

from appliance.domain.generation import GenerationRequest, Sampling, SamplingWishes
from appliance.domain.people import Caller, Project
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.usage import Hold
from appliance.engines.base import Generate
from appliance.errors import ContextLengthExceeded
from appliance.policy.budget import worst_case
from appliance.services.generation.ports import ServedModel

SEED_SPACE: Final = 2**32
"""Samplers take 32-bit seeds; a longer seed of a client is folded, so equal seeds stay equal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is held, and what is dispatched."""

    hold: Hold
    work: Generate


def plan(
    request: GenerationRequest,
    *,
    caller: Caller,
    project: Project,
    model: ServedModel,
    prompt: tuple[int, ...],
    work_id: int,
    fresh_seed: int,
    now_ms: int,
) -> Plan:
    """Resolve defaults and bounds. Raises ``ContextLengthExceeded``."""
    max_tokens = answer_length(request.max_tokens, prompt_tokens=len(prompt), model=model)
    work = Generate(
        id=work_id,
        prompt=prompt,
        max_tokens=max_tokens,
        sampling=resolve_sampling(request.sampling, model.defaults, fresh_seed),
        stop=request.stop,
        owner=isolation_domain(caller, project),
    )
    return Plan(
        hold_for(
            request.id,
            caller=caller,
            model=model,
            prompt_tokens=len(prompt),
            max_tokens=max_tokens,
            now_ms=now_ms,
        ),
        work,
    )


def isolation_domain(caller: Caller, project: Project) -> str:
    """Between whose requests KV cells may be shared: one person's, or a project's where its lead said so."""
    return f"project:{project.id}" if project.shares_prefixes else f"holder:{caller.holder}"


def answer_length(wished: int | None, *, prompt_tokens: int, model: ServedModel) -> int:
    """Most tokens the answer may have: the wish, or the recipe's default cut to the room that is left."""
    room = min(model.context_tokens, model.capacity.kv_tokens) - prompt_tokens
    if room < 1:
        raise ContextLengthExceeded(
            f"The prompt has {prompt_tokens} tokens; {model.identity.id} takes at most "
            f"{model.context_tokens} for prompt and answer together. Shorten the prompt.",
            param="messages",
        )
    if wished is None:
        return min(model.defaults.max_tokens, room)
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
    )


def hold_for(
    request_id: str, *, caller: Caller, model: ServedModel, prompt_tokens: int, max_tokens: int, now_ms: int
) -> Hold:
    """The most this request can cost, and the rates that a crash sweep charges by."""
    most = worst_case(model.shapes, prompt_tokens=prompt_tokens, max_completion_tokens=max_tokens)
    return Hold(
        request_id=request_id,
        caller=caller,
        model=model.identity,
        prompt_tokens=prompt_tokens,
        max_completion_tokens=max_tokens,
        gflop=most.gflop,
        gflop_of_prompt=most.gflop_of_prompt,
        gflop_per_token=most.gflop_per_token,
        started_ms=now_ms,
    )
