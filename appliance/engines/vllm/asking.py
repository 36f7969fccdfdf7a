"""How a choice of a request is asked of vLLM, and what cannot be asked of it."""

from typing import Any, Final

from appliance.engines.base import Generate
from appliance.engines.vllm.library import Library
from appliance.errors import BadRequest, CarrelError, ContextLengthExceeded, NotAvailable

_GREATEST_SEED: Final = 2**63
YIELDING: Final = 1
"""Priority of work that yields; lower numbers go first, and everybody else's is 0."""


def refusal(work: Generate, context_tokens: int) -> CarrelError | None:
    """Why vLLM cannot be asked for this, which other engines can."""
    if work.sampling.repeat_penalty != 1:
        return NotAvailable(
            "On this model repeat_penalty would count the prompt too. Leave it out, or use frequency_penalty."
        )
    if len(work.prompt) >= context_tokens:
        return ContextLengthExceeded(
            f"On this model a prompt may have {context_tokens - 1} tokens; this one has {len(work.prompt)}."
        )
    return None


def told_of_refusal() -> CarrelError:
    """Of what vLLM refuses: its own words may quote the request."""
    return BadRequest("The engine of this model does not take this request. Ask for fewer options.")


def prompt_of(work: Generate) -> dict[str, Any]:
    """The prompt as ``TokensPrompt``. vLLM shares the KV cells of prompts that begin alike and have the same
    salt: an owner's own, or that of this one request.
    """
    salt = f"owner {work.owner}" if work.owner else f"work {work.id}"
    return {"prompt_token_ids": list(work.prompt), "cache_salt": salt}


def parameters_of(library: Library, work: Generate, choice: int, end_tokens: frozenset[int]) -> object:
    """``SamplingParams`` of one choice, each further one with a seed of its own.

    Text and stop strings are ours (``scheduler.text``), so vLLM makes no text. A prompt that is only to be
    read has one token sampled all the same, which is left out.
    """
    sampling = work.sampling
    return library.sampling_params(
        n=1,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        min_p=sampling.min_p,
        seed=(sampling.seed + choice) % _GREATEST_SEED,
        presence_penalty=sampling.presence_penalty,
        frequency_penalty=sampling.frequency_penalty,
        logit_bias=dict(sampling.logit_bias) or None,
        max_tokens=max(1, work.max_tokens),
        stop_token_ids=sorted(end_tokens),
        ignore_eos=True,
        logprobs=work.logprobs,
        prompt_logprobs=None if choice else work.prompt_logprobs,
        detokenize=False,
        output_kind=library.deltas,
        structured_outputs=library.structured_outputs(grammar=work.constraint) if work.constraint else None,
    )
