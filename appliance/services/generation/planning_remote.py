"""From a request to what a host elsewhere is asked, and the hold that its price asks for.

Pure, as ``planning`` is, whose bounds hold here too. Of tokens there is our own count: exact where the
model's tokenizer is on the box, else a guess; what is held covers the most that the host may have counted.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from appliance.domain.generation import GenerationRequest, Sampling, SamplingWishes, operation
from appliance.domain.people import Caller
from appliance.domain.prompts import PreparedPrompt
from appliance.domain.upstream import Price, Upstream
from appliance.domain.usage import PRICE_METHOD, Hold
from appliance.policy.prices import micro_credits, worst_price
from appliance.services.generation.planning import Plan, answer_length, check_choices, resolve_sampling
from appliance.services.generation.ports import ServedModel
from appliance.upstreams.guessing import TokenCount, guess_prompt
from appliance.upstreams.work import Remote

_NEUTRAL = {
    "temperature": 1.0,
    "top_p": 1.0,
    "top_k": 0,
    "min_p": 0.0,
    "frequency_penalty": 0.0,
    "presence_penalty": 0.0,
    "repeat_penalty": 1.0,
}


def plan_remote(
    request: GenerationRequest,
    remote: Upstream,
    *,
    caller: Caller,
    model: ServedModel,
    prompt: PreparedPrompt,
    work_id: int,
    fresh_seed: int,
    now_ms: int,
) -> Plan:
    """Resolve defaults and bounds. Raises ``BadRequest``, ``ContextLengthExceeded``."""
    choices = check_choices(request.n, model)
    counted = TokenCount.exactly(len(prompt.tokens)) if prompt.tokens else guess_prompt(request.prompt)
    max_tokens = answer_length(
        request.max_tokens,
        prompt_tokens=counted.tokens,
        model=model,
        choices=choices,
        bounds=request.bounds,
    )
    sampling = resolve_sampling(request.sampling, model.defaults, fresh_seed)
    work = Remote(
        id=work_id,
        prompt=prompt.tokens,
        max_tokens=max_tokens,
        sampling=sampling,
        stop=request.stop,
        n=choices,
        logprobs=request.logprobs,
        asked=request.prompt,
        counted=counted,
        stated=frozenset(_stated(request.sampling, sampling)),
        answer_format=request.answer_format,
    )
    hold = _hold(request, remote, work, caller=caller, model=model, now_ms=now_ms)
    repeatable = "seed" in remote.features
    return Plan(hold, work, partial(_cost, remote.price), seed=sampling.seed if repeatable else 0)


def _stated(wishes: SamplingWishes, resolved: Sampling) -> Iterator[str]:
    """What the client said, and what the recipe says that is not what everybody takes for granted."""
    for field, neutral in _NEUTRAL.items():
        if getattr(wishes, field) is not None or getattr(resolved, field) != neutral:
            yield field


def _hold(
    request: GenerationRequest,
    remote: Upstream,
    work: Remote,
    *,
    caller: Caller,
    model: ServedModel,
    now_ms: int,
) -> Hold:
    most_tokens = work.n * work.max_tokens
    most = worst_price(remote.price, most_prompt_tokens=work.counted.bound, max_completion_tokens=most_tokens)
    return Hold(
        request_id=request.id,
        caller=caller,
        model=model.identity,
        prompt_tokens=work.prompt_tokens,
        max_completion_tokens=most_tokens,
        gflop=most.gflop,
        gflop_of_prompt=most.gflop_of_prompt,
        gflop_per_token=most.gflop_per_token,
        started_ms=now_ms,
        method=PRICE_METHOD,
        op=operation(request),
    )


def _cost(price: Price, prompt_tokens: int, cached_tokens: int, generated_tokens: Sequence[int]) -> int:
    return micro_credits(
        price,
        prompt_tokens=prompt_tokens,
        cached_tokens=cached_tokens,
        completion_tokens=sum(generated_tokens),
    )
