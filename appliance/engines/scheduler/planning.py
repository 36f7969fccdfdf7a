"""Decides who gets how much of one forward pass. Numbers in, numbers out.

Decoding sequences go first, one token each, so that nobody's stream stalls while another's prompt is read.
A part of the pass is kept for prompts where there are any, so that they are read even when very many
sequences decode.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of the decoding line are served, and how many tokens the first of the prefilling line get."""

    decoding: int
    prefilling: tuple[int, ...]

    @property
    def tokens(self) -> int:
        """Tokens in the whole pass."""
        return self.decoding + sum(self.prefilling)


def share_out(decoding: int, prefilling: Sequence[int], batch_tokens: int) -> Shares:
    """Share ``batch_tokens`` among both lines, served from their heads.

    ``decoding`` is the length of its line; ``prefilling`` has each prompt's tokens yet to feed, 1 or more.
    """
    kept_for_prompts = min(sum(prefilling), batch_tokens // 4)
    served = min(decoding, batch_tokens - kept_for_prompts)
    return Shares(served, _share_prompts(prefilling, batch_tokens - served))


def share_out_whole(decoding: int, prefilling: Sequence[int], batch_tokens: int) -> Shares:
    """As ``share_out``, with every prompt cut at multiples of half a batch, whatever else runs: what is
    computed for a prompt then never depends on the load.
    """
    piece = batch_tokens // 2
    served = min(decoding, batch_tokens - piece if prefilling else batch_tokens)
    left = batch_tokens - served
    shares: list[int] = []
    for remaining in prefilling:
        if min(remaining, piece) > left:
            break
        shares.append(min(remaining, piece))
        left -= shares[-1]
    return Shares(served, tuple(shares))


def _share_prompts(prefilling: Sequence[int], tokens: int) -> tuple[int, ...]:
    """Half of ``tokens`` to one prompt at most, so that a long one does not hold up the short ones behind it.

    What they leave goes to those who can still use it.
    """
    shares = []
    left = tokens
    for remaining in prefilling:
        if not left:
            break
        shares.append(min(remaining, left, max(1, tokens // 2)))
        left -= shares[-1]
    for index, share in enumerate(shares):
        more = min(prefilling[index] - share, left)
        shares[index] += more
        left -= more
    return tuple(shares)
