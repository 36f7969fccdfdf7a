"""The state of what runs: a ``Group`` for a request, a ``Choice`` for each of its sequences."""

from dataclasses import replace
from typing import Final

from appliance.domain.generation import FinishReason, Sampling
from appliance.engines.base import Failed, Finished, Generate, Slice, Tokens
from appliance.engines.scheduler.prefixes import Prefix, Resident
from appliance.engines.scheduler.residents import Wait
from appliance.engines.scheduler.text import TextRelease

_UNSEATED: Final = -1


class Choice:
    """One answer in the making.

    ``next_token`` is fed at ``position`` next, and stands in the KV cache only after that. ``reason`` is None
    while the choice runs.
    """

    __slots__ = (
        "cached_tokens",
        "compute_ms",
        "index",
        "next_token",
        "position",
        "reason",
        "seat",
        "sequence",
        "text",
        "tokens",
        "work",
    )

    def __init__(self, work: Generate, index: int) -> None:
        self.work = work
        self.index = index
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

    def take(self, token: int, piece: bytes, *, ends: bool) -> Tokens:
        """Count one sampled token; sets ``reason`` when it was the last."""
        self.tokens.append(token)
        self.next_token = token
        text = self.text.feed(piece)
        if ends or self.text.stopped:
            self.reason = FinishReason.STOP
        elif len(self.tokens) == self.work.max_tokens:
            self.reason = FinishReason.LENGTH
        return Tokens(self.work.id, self.index, (token,), text)

    def finish(self, reason: FinishReason) -> Finished:
        """The closing event, with the text that was held back."""
        self.reason = reason
        return Finished(
            self.work.id,
            self.index,
            reason,
            text=self.text.flush(),
            prompt_tokens=len(self.work.prompt),
            cached_tokens=self.cached_tokens,
            completion_tokens=len(self.tokens),
            compute_ms=self.compute_ms,
        )


class Group:
    """One request: its prompt is fed once, by its first choice; the others fork from that.

    A group of one feeds the whole prompt and samples after its last token. A larger group leaves that to
    each of its choices, because every one samples from logits of its own. ``others`` of the same owner ran
    when it came, and ``passed`` were read before it that came later.
    """

    __slots__ = ("choices", "fed", "others", "passed", "prefix", "samples", "wait", "work")

    def __init__(self, work: Generate, prefix: Prefix, others: int = 0) -> None:
        self.work = work
        self.prefix = prefix
        self.others = others
        self.passed = 0
        self.choices = [Choice(work, index) for index in range(work.n)]
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

    def sit(self, seat: Resident) -> None:
        """Go on from what the sequence of the first choice holds already."""
        self.first.sit(seat)
        self.fed = seat.fed
        for choice in self.choices:
            choice.cached_tokens = seat.fed

    def slice(self, tokens: int) -> Slice:
        """The next ``tokens`` of the prompt."""
        end = self.fed + tokens
        sample = self.samples and tokens == self.remaining
        return Slice(self.first.sequence, self.work.prompt[self.fed : end], self.fed, sample)

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
