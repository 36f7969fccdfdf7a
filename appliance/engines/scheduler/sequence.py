"""The state of what runs: a ``Group`` for a request, a ``Choice`` for each of its sequences."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from typing import Final

from appliance.domain.generation import FinishReason, Sampling
from appliance.engines.base import Failed, Finished, Generate, Slice, Tokens, ToldToken
from appliance.engines.constraint import Matcher
from appliance.engines.scheduler.prefixes import Prefix, Resident
from appliance.engines.scheduler.residents import Wait
from appliance.engines.scheduler.scoring import PromptScoring
from appliance.engines.scheduler.text import TextRelease

_UNSEATED: Final = -1


class Choice:
    """One answer in the making.

    ``next_token`` is fed at ``position`` next, and stands in the KV cache only after that. ``reason`` is None
    while the choice runs. ``plain``: nothing is told of its tokens, and any may come.
    """

    __slots__ = (
        "cached_tokens",
        "compute_ms",
        "index",
        "matcher",
        "next_token",
        "plain",
        "position",
        "reason",
        "seat",
        "sequence",
        "text",
        "tokens",
        "work",
    )

    def __init__(self, work: Generate, index: int, matcher: Matcher | None = None) -> None:
        self.work = work
        self.index = index
        self.matcher = matcher
        self.plain = matcher is None and work.logprobs is None
        self.seat: Resident | None = None
        self.sequence = _UNSEATED
        self.text = TextRelease(work.stop)
        self.next_token = work.prompt[-1]
        self.position = len(work.prompt) - 1
        self.tokens: list[int] = []
        self.cached_tokens = 0
        self.compute_ms = 0.0
        self.reason: FinishReason | None = None

    def sit(self, seat: Resident) -> None:
        """Take a sequence."""
        self.seat = seat
        self.sequence = seat.sequence

    @property
    def sampling(self) -> Sampling:
        """As the request asks, each further choice with a seed of its own."""
        sampling = self.work.sampling
        return replace(sampling, seed=sampling.seed + self.index) if self.index else sampling

    def take(self, token: int, piece: bytes, *, ends: bool, told: tuple[ToldToken, ...] = ()) -> Tokens:
        """Count one sampled token; sets ``reason`` when it was the last."""
        self.tokens.append(token)
        self.next_token = token
        text = self.text.feed(piece)
        if ends or self.text.stopped:
            self.reason = FinishReason.STOP
        elif len(self.tokens) == self.work.max_tokens:
            self.reason = FinishReason.LENGTH
        return Tokens(self.work.id, self.index, (token,), text, told)

    def finish(self, reason: FinishReason) -> Finished:
        """The closing event, with the text that was held back."""
        self.reason = reason
        text = self.text.flush()
        return Finished(
            self.work.id,
            self.index,
            reason,
            text=text,
            prompt_tokens=len(self.work.prompt),
            cached_tokens=self.cached_tokens,
            completion_tokens=len(self.tokens),
            compute_ms=self.compute_ms,
            stop=self.text.stop if reason is FinishReason.STOP else "",
        )


class Group:
    """One request: its prompt is fed once, by its first choice; the others fork from that.

    A group of one feeds the whole prompt and samples after its last token, where it answers at all. A larger
    group leaves that to each of its choices, because every one samples from logits of its own. ``others`` of
    the same owner ran when it came, and ``passed`` were read before it that came later.
    """

    __slots__ = (
        "choices",
        "fed",
        "others",
        "passed",
        "prefix",
        "samples",
        "scoring",
        "wait",
        "work",
    )

    def __init__(
        self,
        work: Generate,
        prefix: Prefix,
        *,
        others: int = 0,
        scoring: PromptScoring | None = None,
        matchers: Sequence[Matcher] = (),
    ) -> None:
        self.work = work
        self.prefix = prefix
        self.others = others
        self.passed = 0
        self.scoring = scoring
        self.choices = [
            Choice(work, index, matcher)
            for index, matcher in zip(range(work.n), matchers or repeat(None), strict=False)
        ]
        self.fed = 0
        self.samples = work.n == 1
        self.wait: Wait | None = None

    @property
    def first(self) -> Choice:
        """The choice that feeds the prompt."""
        return self.choices[0]

    @property
    def running(self) -> list[Choice]:
        """The choices that are not finished."""
        return [choice for choice in self.choices if choice.reason is None]

    @property
    def remaining(self) -> int:
        """Prompt tokens yet to feed before the choices decode."""
        return len(self.work.prompt) - self.fed - (not self.samples)

    @property
    def readable(self) -> int:
        """Of those, how many one pass may feed."""
        remaining = self.remaining
        return remaining if self.scoring is None else self.scoring.at_most(self.fed, remaining)

    @property
    def scoring_cost(self) -> float:
        """What scoring those takes of a pass."""
        return 0.0 if self.scoring is None else self.scoring.cost(self.fed, self.readable)

    @property
    def is_all_read(self) -> bool:
        """True where nothing but reading the prompt was asked for, and it is read."""
        return not (self.work.max_tokens or self.remaining)

    def sit(self, seat: Resident) -> None:
        """Go on from what the sequence of the first choice holds already."""
        self.first.sit(seat)
        self.fed = seat.fed
        for choice in self.choices:
            choice.cached_tokens = seat.fed

    def slice(self, tokens: int) -> Slice:
        """The next ``tokens`` of the prompt."""
        fed, end, work = self.fed, self.fed + tokens, self.work
        sample = self.samples and tokens == self.remaining and work.max_tokens > 0
        return Slice(
            self.first.sequence,
            work.prompt[fed:end],
            fed,
            sample,
            work.logprobs if sample else None,
            None if self.scoring is None else self.scoring.within(fed, tokens),
        )

    def advance(self, tokens: int, ms_per_token: float) -> None:
        """Count prompt tokens as fed."""
        self.fed += tokens
        if self.first.seat:
            self.first.seat.fed = self.fed
        self.first.compute_ms += tokens * ms_per_token
        if self.samples and not self.remaining:
            self.first.position = self.fed

    def held(self, choice: Choice) -> tuple[int, ...]:
        """The tokens that stand in the KV cache for a choice that has a seat."""
        if self.remaining:
            return self.work.prompt[: self.fed]
        answer = choice.tokens[: choice.position - len(self.work.prompt)] if choice.tokens else ()
        return (*self.work.prompt[: choice.position], *answer)

    def failed(self, code: str, message: str) -> Failed:
        """The closing event of the request, with the counts of the choices that have not said theirs."""
        running = self.running
        return Failed(
            self.work.id,
            code,
            message,
            completion_tokens=sum(len(choice.tokens) for choice in running),
            compute_ms=sum(choice.compute_ms for choice in running),
        )
