"""Has one form read the text, and takes down what it makes of every token.

It is generation of nothing: prompts whose log-probabilities are told. They wait in the box's queue as
requests of the batch class do, one passage at a time, and no project is charged.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from itertools import count
from math import isfinite
from typing import Final

from appliance.domain.generation import Sampling, ServiceClass
from appliance.domain.people import Caller
from appliance.domain.prompts import TextPrompt
from appliance.engines.base import Failed, Generate, PromptLogprobs, ToldToken
from appliance.errors import ContextLengthExceeded, ReplicaFailed, error_for_code
from appliance.policy.fidelity import Scores, halves
from appliance.services.generation.ports import PromptPreparer, ServedModel
from appliance.services.queue import Share
from appliance.services.verifying.ports import Queue

Tokens = tuple[int, ...]

_NOBODY: Final = Caller("operator", "operator", "operator")
"""For turns in the queue. It has no key and no account, so nothing of it reaches the ledger."""
_SHARE: Final = Share(_NOBODY, service_class=ServiceClass.BATCH)
_NO_SAMPLING: Final = Sampling(temperature=0.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)
_FIRST_WORK: Final = 2**61
"""Requests are numbered from 1, and never come this far."""


class Reader:
    """Reads passages with one model after another."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._work_ids = count(_FIRST_WORK)

    async def tokens_of(self, model: ServedModel, passages: Sequence[str], most: int) -> tuple[Tokens, ...]:
        """The tokens of each passage; one of more than ``most`` is halved until it has no more.

        Raises what preparing raises, ``ContextLengthExceeded`` for a word that is too long.
        """
        return tuple([tokens for one in passages async for tokens in _halved(model.preparer, one, most)])

    async def read(
        self, model: ServedModel, passages: tuple[Tokens, ...], on_progress: Callable[[float], None]
    ) -> Scores:
        """What the model makes of them. ``on_progress`` is told the part that is read, 0 to 1.

        Raises ``ModelNotRunning`` and ``ReplicaFailed`` where it ends meanwhile, and ``ReplicaFailed`` for an
        answer that is none.
        """
        told: list[ToldToken] = []
        for number, passage in enumerate(passages):
            on_progress(number / len(passages))
            if len(passage) > 1:
                told += await self._scored(model, passage)
        return Scores(
            passages, tuple(one.logprob or 0.0 for one in told), tuple(one.top[0].token for one in told)
        )

    async def _scored(self, model: ServedModel, passage: Tokens) -> list[ToldToken]:
        work = Generate(next(self._work_ids), passage, 0, _NO_SAMPLING, prompt_logprobs=1)
        place = self._queue.join(model.identity.id, work, model.sources, _SHARE)
        told: list[ToldToken] = []
        done = False
        try:
            async for event in await place.take_turn(lambda _news: None):
                if isinstance(event, Failed):
                    raise error_for_code(event.code)(event.message)
                if isinstance(event, PromptLogprobs):
                    told += event.logprobs
            done = True
        finally:
            place.leave(cancel=not done)
        return _checked(told, passage)


def _checked(told: list[ToldToken], passage: Tokens) -> list[ToldToken]:
    """Those that were scored: all but the first, which has nothing before it."""
    scored = [one for one in told if one.logprob is not None]
    whole = [one for one in scored if one.top and isfinite(one.logprob or 0.0)]
    if tuple(one.token for one in whole) != passage[1:]:
        raise ReplicaFailed(
            "The engine did not tell a log-probability of every token, so there is no measure."
        )
    return whole


async def _halved(preparer: PromptPreparer, passage: str, most: int) -> AsyncIterator[Tokens]:
    try:
        tokens = (await preparer.prepare(TextPrompt(passage))).tokens
    except ContextLengthExceeded:
        tokens = ()
    if tokens and len(tokens) <= most:
        yield tokens
        return
    pair = halves(passage)
    if pair is None:
        raise ContextLengthExceeded("The model's context is too short for a word of the text.")
    for half in pair:
        async for one in _halved(preparer, half, most):
            yield one
