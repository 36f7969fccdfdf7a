"""Decides whether a request may start, and what to say when it may not."""

from appliance.engines.base import Embed, EngineFacts, Free, Generate, Work
from appliance.errors import BadRequest, CarrelError, ContextLengthExceeded, DoesNotFit, NotReady


class Room:
    """KV tokens and sequences that running requests have reserved, and what is left."""

    def __init__(self, facts: EngineFacts) -> None:
        self._kv_tokens = facts.kv_tokens
        self._sequences = facts.max_sequences

    @property
    def free(self) -> Free:
        """Not reserved."""
        return Free(self._kv_tokens, self._sequences)

    def reserve(self, work: Generate) -> None:
        """All that a request may come to need."""
        self._kv_tokens -= work.kv_tokens
        self._sequences -= work.n

    def give_back(self, kv_tokens: int) -> None:
        """A choice has ended: its sequence, and tokens."""
        self._kv_tokens += kv_tokens
        self._sequences += 1


def admissible(work: Work, facts: EngineFacts, free: Free) -> Generate:
    """The same work, where it can be taken on now. Raises the ``CarrelError`` that says why not."""
    if isinstance(work, Embed):
        raise BadRequest("This model does not make vectors.")
    if error := _never(work, facts) or _unknown(work, facts.vocabulary) or _not_now(work, free):
        raise error
    return work


def _never(work: Generate, facts: EngineFacts) -> CarrelError | None:
    longest = len(work.prompt) + work.max_tokens
    if longest > facts.context_tokens:
        return ContextLengthExceeded(
            f"Prompt and answer may have {facts.context_tokens} tokens together; this asks for {longest}."
        )
    if not work.max_tokens and work.n > 1:
        return BadRequest("Without tokens to answer with there is one choice. Leave out n.")
    if work.kv_tokens > facts.kv_tokens or work.n > facts.max_sequences:
        return DoesNotFit("This asks for more tokens or choices at once than the model was started with.")
    return None


def _unknown(work: Generate, vocabulary: int) -> CarrelError | None:
    if max(work.prompt) >= vocabulary:
        return BadRequest("The prompt holds a token that the model does not have.")
    if any(not 0 <= token < vocabulary for token, _ in work.sampling.logit_bias):
        return BadRequest("logit_bias names a token that the model does not have.")
    if work.sampling.repeat_penalty <= 0:
        return BadRequest("repeat_penalty must be above 0.")
    return None


def _not_now(work: Generate, free: Free) -> CarrelError | None:
    if work.kv_tokens > free.kv_tokens or work.n > free.sequences:
        return NotReady("The model is busy with other requests; send this again later.")
    return None
