"""The logits that the last pass left, as numpy sees them: in place, so nothing may write to them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from llama_cpp import llama_cpp as native

from appliance.engines.llama_cpp.library import Pointer
from appliance.engines.logits.rows import Rows


@dataclass(frozen=True, slots=True)
class Outputs:
    """Which tokens of a pass have logits. Rows stand in the order of the batch."""

    indices: list[int]
    """Where in the batch each token stands that is sampled after, in the order of the slices."""
    rows: list[int]
    """The row of each of those."""
    scored: list[int]
    """The row of each place that is scored, in the order of the slices."""
    count: int
    """Rows in all."""

    def only(self, places: Sequence[int]) -> "Outputs":
        """Sampled after are but the tokens of these ranks."""
        indices, rows = [self.indices[place] for place in places], [self.rows[place] for place in places]
        return Outputs(indices, rows, self.scored, self.count)


class Logits:
    """Of one context; what was read from it is gone with the next pass."""

    def __init__(self, context: Pointer, vocabulary: int) -> None:
        self._context = context
        self._vocabulary = vocabulary

    @property
    def vocabulary(self) -> int:
        """Logits in a row."""
        return self._vocabulary

    def read(self, count: int) -> Rows:
        """The ``count`` rows of the last pass."""
        logits = native.llama_get_logits(self._context)
        return np.ctypeslib.as_array(logits, (count, self._vocabulary))
