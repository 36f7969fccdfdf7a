"""What a request adds to the model's logits before a token is drawn: its bias, and penalties for what its
answer has already. Of the prompt nothing counts.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from appliance.domain.generation import Sampling
from appliance.engines.logits.rows import Rows, TokenRow


class Weighting:
    """Of one answer. The token drawn last does not count before the next place, so that another may still
    stand in for it.
    """

    def __init__(self, sampling: Sampling) -> None:
        self._tokens = np.array([token for token, _ in sampling.logit_bias], np.intp)
        self._bias = np.array([bias for _, bias in sampling.logit_bias], np.float32)
        self._repeat = sampling.repeat_penalty
        self._frequency = sampling.frequency_penalty
        self._presence = sampling.presence_penalty
        self._counts: Counter[int] = Counter()
        self._drawn: int | None = None

    @staticmethod
    def of(sampling: Sampling) -> "Weighting | None":
        """None where nothing is added."""
        asked = (
            sampling.logit_bias
            or sampling.frequency_penalty
            or sampling.presence_penalty
            or sampling.repeat_penalty != 1
        )
        return Weighting(sampling) if asked else None

    def go_on(self) -> None:
        """The token drawn last is part of the answer; the next place has come."""
        if self._drawn is not None:
            self._counts[self._drawn] += 1
            self._drawn = None

    def draw(self, token: int) -> None:
        """This token stands in the present place, instead of one that was drawn for it before."""
        self._drawn = token

    def applied(self, logits: Rows) -> Rows:
        """A copy of one row, weighted: bias first, then penalties as llama.cpp and OpenAI define them."""
        return self._changed(logits, self._tokens, self._seen())

    def touched(self) -> TokenRow:
        """The tokens whose logits it changes, in rising order: no others have to be copied for it."""
        return np.unique(np.concatenate([self._tokens, self._seen()]))

    def applied_to(self, tokens: TokenRow, logits: Rows) -> Rows:
        """As ``applied``, where only the logits of ``tokens`` are there, in rising order, all that it touches
        among them.
        """
        return self._changed(
            logits, np.searchsorted(tokens, self._tokens), np.searchsorted(tokens, self._seen())
        )

    def _seen(self) -> TokenRow:
        return np.fromiter(self._counts.keys(), np.intp, len(self._counts))

    def _changed(self, logits: Rows, biased: TokenRow, seen: TokenRow) -> Rows:
        weighted = logits.copy()
        np.add.at(weighted, biased, self._bias)
        if len(seen):
            counts = np.fromiter(self._counts.values(), np.float32, len(self._counts))
            weighted[seen] = self._punished(weighted[seen], counts)
        return weighted

    def _punished(self, logits: Rows, counts: NDArray[np.float32]) -> Rows:
        repeated: Rows = np.where(logits > 0, logits / self._repeat, logits * self._repeat)
        return repeated - counts * np.float32(self._frequency) - np.float32(self._presence)
