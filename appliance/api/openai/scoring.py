"""Scores of continuations: each pair of context and continuation is a run that reads and says nothing.

A continuation's tokens are those that context and continuation together have behind the longest beginning
that they share with the context alone: where a token reaches over the border, it is the continuation's.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from appliance.api.openai.logprobs import finite, piece_text
from appliance.api.openai.ports import Generations, Tokenizing
from appliance.api.openai.runs import Runs
from appliance.api.openai.score_wire import Pair, Score, ScoreAsked, ScoredToken
from appliance.api.openai.wire import sum_of
from appliance.domain.generation import (
    ChoiceFinished,
    FinishReason,
    GenerationRequest,
    PromptScored,
    SamplingWishes,
    Settled,
    TokenLogprob,
    TokenUsage,
)
from appliance.domain.people import Caller
from appliance.domain.prompts import TextPrompt, TokenPrompt
from appliance.errors import BadRequest, NotReady, ReplicaFailed

_NOT_SAMPLED: Final = SamplingWishes(temperature=0.0, seed=0)


@dataclass(slots=True)
class _Context:
    """Of one item, tokenized once for all its continuations."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tokens: Sequence[int] | None = None


@dataclass(slots=True)
class _Told:
    """What was heard of one pair, of so many tokens."""

    expected: int
    tokens: list[TokenLogprob] = field(default_factory=list)


class Scoring:
    """One call: ``runs.begin``, then ``read_to_end``; ``runs.aclose`` has to follow.

    ``usage`` is the sum over the runs that are settled.
    """

    def __init__(
        self,
        generations: Generations,
        tokenizing: Tokenizing,
        caller: Caller,
        asked: ScoreAsked,
        request_id: str,
    ) -> None:
        self.asked = asked
        self.usage = TokenUsage(0, 0, 0)
        self._tokenizing = tokenizing
        self._caller = caller
        self._request_id = request_id
        self._contexts: dict[int, _Context] = {}
        self._told: dict[int, _Told] = {}
        self.runs = Runs(
            generations,
            caller,
            count=len(asked.pairs),
            ask=self._request,
            called=lambda number: asked.pairs[number].name,
        )

    async def read_to_end(self) -> list[Score]:
        """All scores in the order of the pairs, all of them settled. Raises what ended one otherwise."""
        scores: dict[int, Score] = {}
        async for number, event in self.runs:
            match event:
                case PromptScored(logprobs=logprobs):
                    self._told[number].tokens.extend(logprobs)
                case ChoiceFinished(reason=FinishReason.CANCELLED):
                    raise NotReady("The box ended this request before it was complete; send it again.")
                case Settled(usage=usage):
                    self.usage = sum_of(self.usage, usage)
                    scores[number] = self._score(self._told.pop(number))
        return [scores[number] for number in range(len(self.asked.pairs))]

    async def _request(self, number: int) -> GenerationRequest:
        pair = self.asked.pairs[number]
        tokens, first = await self._tokens(pair)
        if first >= len(tokens):
            raise BadRequest(
                f"`{pair.name}` has no token with another one before it, so none that could be scored.",
                param=pair.name,
            )
        self._told[number] = _Told(len(tokens) - first)
        return GenerationRequest(
            id=self._request_id if len(self.asked.pairs) == 1 else f"{self._request_id}-{number}",
            model=self.asked.model,
            prompt=TokenPrompt(tokens),
            sampling=_NOT_SAMPLED,
            max_tokens=0,
            service_class=self.asked.service_class,
            prompt_logprobs=1,
            score_from=first,
        )

    async def _tokens(self, pair: Pair) -> tuple[tuple[int, ...], int]:
        """Of context and continuation together, and the place of the first to score."""
        match pair.before, pair.after:
            case str(before), str(after):
                context = await self._context(pair.item, before)
                tokens = await self._tokenized(before + after)
                return tokens, max(1, _shared(context, tokens))
            case tuple(before_tokens), tuple(after_tokens):
                return (*before_tokens, *after_tokens), max(1, len(before_tokens))
            case _:
                raise BadRequest(f"`{pair.name}` mixes text and tokens.", param=pair.name)

    async def _context(self, item: int, text: str) -> Sequence[int]:
        context = self._contexts.setdefault(item, _Context())
        async with context.lock:
            if context.tokens is None:
                context.tokens = await self._tokenized(text) if text else ()
            return context.tokens

    async def _tokenized(self, text: str) -> tuple[int, ...]:
        told = await self._tokenizing.tokenize(self._caller, self.asked.model, TextPrompt(text))
        return told.tokens

    def _score(self, told: _Told) -> Score:
        if len(told.tokens) != told.expected:
            raise ReplicaFailed("The model's process did not score every token; send the request again.")
        return Score(
            logprob=math.fsum(finite(one.logprob) for one in told.tokens),
            tokens=told.expected,
            is_greedy=all(map(_is_greedy, told.tokens)),
            details=[_detail(one) for one in told.tokens] if self.asked.details else None,
        )


def _shared(context: Sequence[int], tokens: Sequence[int]) -> int:
    """How many tokens both begin with."""
    pairs = zip(context, tokens, strict=False)
    return next(
        (place for place, (one, other) in enumerate(pairs) if one != other), min(len(context), len(tokens))
    )


def _is_greedy(one: TokenLogprob) -> bool:
    return finite(one.logprob) >= max((finite(other.logprob) for other in one.top), default=math.inf)


def _detail(one: TokenLogprob) -> ScoredToken:
    return ScoredToken(one.token, piece_text(one.piece), finite(one.logprob))
