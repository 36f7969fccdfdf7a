"""The draw of a token, for many places at once: top_k, top_p, min_p, temperature, draw, in this order, which
is that of llama.cpp's samplers.

A place is computed as if it were alone: what stands beside it changes nothing of its token. Of equally
probable tokens the lowest number comes first.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.domain.generation import Sampling
from appliance.engines.logits.rows import Rows, TokenRow

TOP_K_LIMIT: Final = 1024
"""Candidates that the rest of the steps see where the request sets no top_k. With llama.cpp, sorting a
vocabulary of 128,000 for top_p alone takes 9 ms a token; the best 1024 take under 0.5 ms and hold nearly all
of the probability.
"""

_NOBODY: Final = np.int64(2**63 - 1)
"""Sorts behind every candidate."""
_BITS_BELOW_SIGN: Final = np.int32(2**31 - 1)

Numbers = NDArray[np.float64]


def candidates_wanted(sampling: Sampling) -> int:
    """How many of the most probable tokens the draw looks at."""
    return min(sampling.top_k or TOP_K_LIMIT, TOP_K_LIMIT)


def draw(
    tokens: Sequence[TokenRow],
    logits: Sequence[Rows],
    samplings: Sequence[Sampling],
    numbers: Sequence[float],
) -> list[int]:
    """A token for each place.

    ``tokens`` are a place's candidates, in any order and at least one: all that may be drawn, or of those its
    ``candidates_wanted`` most probable ones with any others. ``logits`` are theirs, ``numbers`` of [0, 1) are
    the dice. ``temperature`` is above 0 in all of ``samplings``.
    """
    counts = np.array(
        [min(candidates_wanted(one), len(own)) for one, own in zip(samplings, tokens, strict=True)]
    )
    keys = _sorted(tokens, logits)[:, : counts.max()]
    exists = np.arange(keys.shape[1]) < counts[:, np.newaxis]
    with np.errstate(over="ignore", invalid="ignore"):
        places = _places(np.where(exists, _logits_of(keys), -np.inf), samplings, np.array(numbers))
    drawn: list[int] = (keys[np.arange(len(keys)), places] & 0xFFFFFFFF).tolist()
    return drawn


def _sorted(tokens: Sequence[TokenRow], logits: Sequence[Rows]) -> NDArray[np.int64]:
    """A row of keys a place, the most probable token first. The upper half of a key is the logit, turned
    around so that the largest sorts first, the lower one the token: one sort of integers does it all.
    """
    keys = np.full((len(tokens), max(map(len, tokens))), _NOBODY)
    for row, own, values in zip(keys, tokens, logits, strict=True):
        row[: len(own)] = (~_ordered(values)).astype(np.int64) << 32 | own
    keys.sort(axis=1)
    return keys


def _ordered(logits: Rows) -> NDArray[np.int32]:
    """Integers that compare as the logits do. Adding 0 makes one of the two zeros."""
    bits = (logits + np.float32(0)).view(np.int32)
    return np.where(bits < 0, bits ^ _BITS_BELOW_SIGN, bits)


def _logits_of(keys: NDArray[np.int64]) -> Numbers:
    ordered = ~(keys >> 32).astype(np.int32)
    bits = np.where(ordered < 0, ordered ^ _BITS_BELOW_SIGN, ordered)
    return bits.view(np.float32).astype(np.float64)


def _places(logits: Numbers, samplings: Sequence[Sampling], numbers: Numbers) -> NDArray[np.intp]:
    """Which of its candidates each row gets. ``logits`` fall from left to right, to -inf where there are no
    more.
    """
    below_best = logits - logits[:, :1]
    kept = _kept(np.exp(below_best), samplings)
    temperatures = np.array([one.temperature for one in samplings])
    weights = np.where(kept, np.exp(below_best / temperatures[:, np.newaxis]), 0.0)
    # Sums from left to right, never in the pairs of `sum`: these would change with the width of the company.
    reached = weights.cumsum(axis=1)
    passed = (reached <= (numbers * reached[:, -1])[:, np.newaxis]).sum(axis=1)
    # The whole is reached by something that exists, however the product is rounded.
    places: NDArray[np.intp] = np.minimum(passed, (reached < reached[:, -1:]).sum(axis=1))
    return places


def _kept(shares: Numbers, samplings: Sequence[Sampling]) -> NDArray[np.bool_]:
    """What top_p and min_p leave of each row: a beginning of it. ``shares`` are probabilities in units of the
    first.
    """
    sums = shares.cumsum(axis=1)
    top_p = np.array([one.top_p if one.top_p < 1 else np.inf for one in samplings])
    min_p = np.array([one.min_p for one in samplings])
    kept = shares >= min_p[:, np.newaxis]
    kept[:, 1:] &= sums[:, :-1] < (top_p * sums[:, -1])[:, np.newaxis]
    return kept
