"""What a request adds to the model's logits before a token is drawn: its bias, and penalties for what its
answer has already. Of the prompt nothing counts.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from appliance.domain.generation import Sampling
from appliance.engines.llama_cpp.logits import Rows


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
        weighted = logits.copy()
        np.add.at(weighted, self._tokens, self._bias)
        if self._counts:
            seen = np.fromiter(self._counts.keys(), np.intp, len(self._counts))
            counts = np.fromiter(self._counts.values(), np.float32, len(self._counts))
            weighted[seen] = self._punished(weighted[seen], counts)
        return weighted

    def _punished(self, logits: Rows, counts: NDArray[np.float32]) -> Rows:
        repeated: Rows = np.where(logits > 0, logits / self._repeat, logits * self._repeat)
        return repeated - counts * np.float32(self._frequency) - np.float32(self._presence)
