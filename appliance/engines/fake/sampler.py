"""How the fake picks the next token of one sequence."""

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from math import exp
from typing import Final
from zlib import crc32

from appliance.domain.generation import Sampling
from appliance.engines.base import Logprob
from appliance.engines.fake.distribution import BABBLE, log_probability, make_logits
from appliance.engines.fake.options import FakeOptions
from appliance.engines.fake.vocabulary import IM_END

_ALL_DRAWS: Final = 2**32


def babble(checksum: int, seed: int = 0) -> int:
    """The letter that follows tokens with this checksum."""
    return BABBLE[crc32(seed.to_bytes(16, "little", signed=True), checksum) % len(BABBLE)]


class FakeSampler:
    """Of one sequence, since it was prepared. ``sampled`` counts its tokens."""

    def __init__(self, options: FakeOptions, sampling: Sampling) -> None:
        self._answer = None if options.answer is None else options.answer.encode()
        self._end_after = options.end_after_tokens
        self._sampling = sampling
        self._seed = sampling.seed if sampling.temperature > 0 else 0
        self._counts: Counter[int] = Counter()
        self._drawn: int | None = None
        self._draws = 0
        self._checksum = 0
        self._weighted = bool(
            sampling.logit_bias
            or sampling.frequency_penalty
            or sampling.presence_penalty
            or sampling.repeat_penalty != 1
        )
        self.sampled = 0

    def sample(self, checksum: int) -> int:
        """The token after tokens with this checksum."""
        if self._drawn is not None:
            self._counts[self._drawn] += 1
        self._checksum = checksum
        self.sampled += 1
        self._draws = 0
        if self._weighted:
            return self.resample(range(len(self.logits())))
        self._drawn = self._scripted() if self._is_scripted() else babble(checksum, self._seed)
        return self._drawn

    def resample(self, allowed: Iterable[int]) -> int:
        """Another token for the same place."""
        logits, tokens = self._weigh(self.logits()), list(allowed)
        if self._sampling.temperature > 0:
            self._drawn = self._draw(tokens, logits)
        else:
            self._drawn = max(tokens, key=lambda token: logits[token])
        return self._drawn

    def logits(self) -> list[float]:
        """Of the place that was sampled last, before any bias or penalty."""
        favorite = self._scripted() if self._is_scripted() else babble(self._checksum)
        return make_logits(self._checksum, favorite, certain=self._is_scripted())

    def logprob(self, token: int, top: int) -> Logprob:
        """At the place that was sampled last."""
        return log_probability(self.logits(), token, top)

    def _is_scripted(self) -> bool:
        ends = self._end_after is not None and self.sampled > self._end_after
        return self._answer is not None or ends

    def _scripted(self) -> int:
        place = self.sampled - 1
        return self._answer[place] if self._answer is not None and place < len(self._answer) else IM_END

    def _weigh(self, logits: list[float]) -> list[float]:
        sampling = self._sampling
        for token, bias in sampling.logit_bias:
            logits[token] += bias
        for token, count in self._counts.items():
            logit = logits[token]
            logit = logit / sampling.repeat_penalty if logit > 0 else logit * sampling.repeat_penalty
            logits[token] = logit - count * sampling.frequency_penalty - sampling.presence_penalty
        return logits

    def _draw(self, tokens: list[int], logits: list[float]) -> int:
        """By the logits of ``tokens``, from what stands for a random number."""
        largest = max(logits[token] for token in tokens)
        weights = [exp((logits[token] - largest) / self._sampling.temperature) for token in tokens]
        self._draws += 1
        number = crc32(b"%d %d" % (self._seed, self._draws), self._checksum) / _ALL_DRAWS
        sums = list(accumulate(weights))
        return next(
            (token for token, reached in zip(tokens, sums, strict=True) if reached > number * sums[-1]),
            tokens[-1],
        )
