"""Log-probabilities out of logits: the model's own distribution, before anything that a sampler does."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.engines.base import Logprob, Slice
from appliance.engines.logits.candidates import candidates
from appliance.engines.logits.rows import Rows

_CHUNK_LOGITS: Final = 2**18
"""Computed at once, in memory that is used again: so it stays in the processor's cache. For rows of 152,000
that is five times as fast as with new memory for each.
"""

Told = tuple[dict[int, Logprob], dict[int, list[Logprob]]]
"""``StepResult.logprobs`` and ``StepResult.scored``."""


def logprobs_of_pass(
    logits: Rows,
    slices: Sequence[Slice],
    sampled: Sequence[tuple[int, int]],
    *,
    rows: Sequence[int],
    scored: Sequence[int],
) -> Told:
    """All that the slices of a pass want told. ``sampled`` is in their order, and so are the numbers of rows:
    ``rows`` of what it was drawn from, ``scored`` of the places that are scored.
    """
    return _of_sampled(logits, slices, rows, sampled), _of_scored(logits, slices, scored)


def _of_sampled(
    logits: Rows, slices: Sequence[Slice], rows: Sequence[int], sampled: Sequence[tuple[int, int]]
) -> dict[int, Logprob]:
    tops = [piece.top for piece in slices if piece.sample]
    told: dict[int, Logprob] = {}
    for top in {top for top in tops if top is not None}:
        places = [place for place, one in enumerate(tops) if one == top]
        tokens = [sampled[place][1] for place in places]
        logprobs = log_probabilities(logits, [rows[place] for place in places], tokens, top)
        told |= zip([sampled[place][0] for place in places], logprobs, strict=True)
    return told


def _of_scored(logits: Rows, slices: Sequence[Slice], rows: Sequence[int]) -> dict[int, list[Logprob]]:
    scored: dict[int, list[Logprob]] = {}
    start = 0
    for piece in slices:
        if (wanted := piece.scoring) and wanted.targets:
            own = rows[start : start + len(wanted.targets)]
            scored[piece.sequence] = log_probabilities(logits, own, wanted.targets, wanted.top)
            start += len(own)
    return scored


def log_probabilities(logits: Rows, rows: Sequence[int], targets: Sequence[int], top: int) -> list[Logprob]:
    """Of the target of each of the ``rows``, and of the ``top`` most probable tokens there."""
    at_once = max(1, _CHUNK_LOGITS // logits.shape[1])
    scratch = np.empty((min(at_once, len(rows)), logits.shape[1]), np.float32)
    told: list[Logprob] = []
    for start in range(0, len(rows), at_once):
        end = start + at_once
        told += _of_chunk(logits, rows[start:end], targets[start:end], top, scratch)
    return told


def _of_chunk(
    logits: Rows, rows: Sequence[int], targets: Sequence[int], top: int, scratch: Rows
) -> list[Logprob]:
    totals = _log_of_sums(logits, rows, scratch[: len(rows)])
    own = np.minimum(logits[rows, targets] - totals, 0.0).tolist()
    return [
        Logprob(target, logprob, _most_probable(logits[row], total, top) if top else ())
        for target, logprob, row, total in zip(targets, own, rows, totals, strict=True)
    ]


def _log_of_sums(logits: Rows, rows: Sequence[int], scratch: Rows) -> NDArray[np.float64]:
    """The logarithm of the sum of each row's exponentials: without it logits are log-probabilities."""
    # In the mode "raise" numpy would copy twice.
    np.take(logits, rows, axis=0, out=scratch, mode="clip")
    largest = scratch.max(axis=1)
    np.subtract(scratch, largest[:, np.newaxis], out=scratch)
    np.exp(scratch, out=scratch)
    totals: NDArray[np.float64] = np.log(scratch.sum(axis=1, dtype=np.float64)) + largest
    return totals


def _most_probable(row: Rows, total: float, count: int) -> tuple[tuple[int, float], ...]:
    """The tokens with the largest logits, the largest first; of equal ones the lowest number."""
    tokens = candidates(row, min(count, len(row))) if count > 1 else np.array([row.argmax()])
    order = np.argsort(-row[tokens], kind="stable")[:count]
    best = tokens[order]
    return tuple(zip(best.tolist(), np.minimum(row[best] - total, 0.0).tolist(), strict=True))
