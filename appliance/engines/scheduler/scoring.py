"""Which log-probabilities of a prompt are wanted, and how many one pass makes. Numbers in, numbers out.

Each place that is scored needs a row of logits of its own, as long as the vocabulary, and comes back with its
most probable tokens, all of a pass in one frame.
"""

from typing import Final

from appliance.engines.base import Generate, Scoring

PASS_LOGITS: Final = 2**25
"""Of all rows together: 128 MiB."""
PASS_TOKENS: Final = 2**16
"""Told together: at 30 bytes each 2 MiB of a frame, which may have 16."""


class PromptScoring:
    """Of one prompt. ``told`` is the position whose log-probability comes next."""

    def __init__(self, prompt: tuple[int, ...], score_from: int, top: int, vocabulary: int) -> None:
        self._prompt = prompt
        self._top = top
        self.told = max(1, score_from)
        self._cost = max((top + 1) / PASS_TOKENS, vocabulary / PASS_LOGITS)
        self._most = max(1, int(0.5 / self._cost))
        """Half of a pass, so that two prompts can be read beside each other."""

    @classmethod
    def of(cls, work: Generate, vocabulary: int) -> "PromptScoring | None":
        """None where no log-probabilities of the prompt are wanted."""
        if work.prompt_logprobs is None:
            return None
        return cls(work.prompt, work.score_from, work.prompt_logprobs, vocabulary)

    def at_most(self, fed: int, tokens: int) -> int:
        """Of the next ``tokens`` of the prompt, ``fed`` of which were read, how many a pass may read."""
        return min(tokens, self._unscored(fed) + self._most)

    def cost(self, fed: int, tokens: int) -> float:
        """What scoring among them takes of a pass, 1 being all that a pass may score."""
        return max(0, tokens - self._unscored(fed)) * self._cost

    def within(self, fed: int, tokens: int) -> Scoring | None:
        """What is scored while they are read: each position after the token before it."""
        first = max(self.told, fed + 1)
        end = min(fed + tokens + 1, len(self._prompt))
        if first >= end:
            return None
        return Scoring(first - 1 - fed, self._prompt[first:end], self._top)

    def _unscored(self, fed: int) -> int:
        return max(0, self.told - 1 - fed)


def reusable(work: Generate) -> tuple[int, ...]:
    """The beginning of a prompt that may come out of the KV cache: never the token whose logits are needed,
    be it for the first token of the answer or for the first position that is scored.
    """
    if work.prompt_logprobs is None:
        return work.prompt[:-1]
    return work.prompt[: min(len(work.prompt), max(1, work.score_from)) - 1]
