"""Which replica gets a request: the one that holds its beginning, else the one with the most room.

A replica that is much busier than another is not chosen for what it holds: computing a prompt again costs
less than waiting behind a whole class. So a class with one shared beginning spreads, and from then on each
replica holds it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

BLOCK_TOKENS: Final = 32
"""Prefixes are compared in steps of so many tokens."""
MOST_BLOCKS: Final = 512
"""Blocks of one prompt that are looked at: what is behind them hardly decides."""
_BUSIER_BY: Final = 2
"""A replica with less than one part in so many of the best one's free sequences is much busier."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A replica with room. ``held_blocks`` of the prompt were sent to it before, the last time at ``sent``, a
    number that grows with every request; -1 for never.
    """

    free_sequences: int
    free_kv_tokens: int
    held_blocks: int = 0
    sent: int = -1


def pick(candidates: Sequence[Candidate]) -> int | None:
    """The index of the best candidate, None of none. Among equals the first."""
    if not candidates:
        return None
    most_free = max(one.free_sequences for one in candidates)

    def worth(index: int) -> tuple[int, int, int, int]:
        one = candidates[index]
        held = one.held_blocks if one.free_sequences * _BUSIER_BY >= most_free else 0
        return held, one.free_sequences, one.free_kv_tokens, one.sent

    return max(range(len(candidates)), key=worth)


def prefix_chain(owner: str, prompt: Sequence[int]) -> tuple[int, ...]:
    """One number a whole block, that stands for the prompt up to the end of this block, and for its owner.

    Empty for work without an owner: its cells are shared with nobody. Numbers that are equal by chance send a
    request to the wrong replica, where it is computed all the same.
    """
    return tuple(_chain(owner, prompt)) if owner else ()


def _chain(owner: str, prompt: Sequence[int]) -> Iterator[int]:
    before = hash(owner)
    whole = min(len(prompt) // BLOCK_TOKENS, MOST_BLOCKS)
    for block in range(whole):
        start = block * BLOCK_TOKENS
        before = hash((before, tuple(prompt[start : start + BLOCK_TOKENS])))
        yield before
