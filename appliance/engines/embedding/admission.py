"""Decides whether a request for vectors may start, and what to say when it may not."""

from appliance.engines.base import Embed, EngineFacts, Failed, Free, Work
from appliance.errors import BadRequest, CarrelError, ContextLengthExceeded, DoesNotFit, NotReady


def refusal(work: Work, facts: EngineFacts, free: Free) -> Failed | None:
    """Why ``work`` cannot be taken on now, or None when it can."""
    error = _never(work, facts) or _not_now(work, free)
    return None if error is None else Failed(work.id, error.code, error.message)


def _never(work: Work, facts: EngineFacts) -> CarrelError | None:
    if not isinstance(work, Embed):
        return BadRequest("This model makes vectors and does not answer; use /v1/embeddings.")
    longest = max([len(one) for one in work.inputs])
    if longest > facts.context_tokens:
        return ContextLengthExceeded(
            f"An input may have {facts.context_tokens} tokens; the longest one has {longest}."
        )
    if work.kv_tokens > facts.kv_tokens:
        return DoesNotFit(f"All inputs together may have {facts.kv_tokens} tokens; send fewer at once.")
    if max([max(one) for one in work.inputs]) >= facts.vocabulary:
        return BadRequest("An input holds a token that the model does not have.")
    return None


def _not_now(work: Work, free: Free) -> CarrelError | None:
    if work.kv_tokens > free.kv_tokens or not free.sequences:
        return NotReady("The model is busy with other requests; send this again later.")
    return None
