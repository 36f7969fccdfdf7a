"""The few tokens of a row that its most probable ones are among."""

from typing import Final

import numpy as np

from appliance.engines.logits.rows import Rows, TokenRow

_LARGEST_BLOCK: Final = 64


def candidates(row: Rows, count: int) -> TokenRow:
    """Few tokens that the ``count`` most probable ones are among, and with them all that are as probable as
    the last of these.

    Of the largest logits of blocks, ``count`` reach a bound; so as many logits do, and all above it are here.
    Tokens of a block are far from each other: so whole registers are compared, and neighbors, which are often
    probable together, are of different blocks.
    """
    if count >= len(row):
        return np.arange(len(row))
    size = block_size(len(row), count)
    blocks = len(row) // size
    largest = row[: blocks * size].reshape(size, blocks).max(axis=0)
    bound = np.partition(largest, blocks - count)[blocks - count]
    # "Not below" instead of "at least", so that a row with a NaN has candidates, too.
    return np.flatnonzero(~(row < bound))


def block_size(vocabulary: int, count: int) -> int:
    """So small that about a quarter more than ``count`` tokens reach the bound."""
    return max(1, min(_LARGEST_BLOCK, vocabulary // (4 * count)))
