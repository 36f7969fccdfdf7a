"""What a forward pass is, for whoever holds the weights: one process, or each rank of a group.

Cells of the KV cache are numbered through: number ``slot * cells_per_slot + place``. Which sequence holds
which cell is bookkeeping of the runner (``cells``); whoever computes is told cells only.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
from torch import Tensor


class Group(msgspec.Struct, frozen=True, array_like=True):
    """Rows of a pass that attend together: ``len(starts)`` sequences with ``queries`` rows each, one sequence
    after another from row ``first_row`` on. Query ``i`` of sequence ``n`` stands at position ``starts[n] +
    i`` and sees the keys at positions up to its own.

    The keys of sequence ``n`` lie in slot ``first_slot + n`` from its first cell on (``cells`` empty), or in
    ``cells[n]``, one for each position, as little-endian 32-bit numbers.
    """

    first_row: int
    queries: int
    starts: tuple[int, ...]
    first_slot: int = 0
    cells: tuple[bytes, ...] = ()

    @property
    def keys(self) -> int:
        """Of the longest sequence."""
        return max(self.starts) + self.queries


class Pass(msgspec.Struct, frozen=True, array_like=True):
    """One forward pass. Row ``r`` is ``tokens[r]`` at ``positions[r]``, kept in ``cells[r]``; ``outputs``
    are the rows whose logits are wanted, in rising order.
    """

    tokens: tuple[int, ...]
    positions: tuple[int, ...]
    cells: tuple[int, ...]
    groups: tuple[Group, ...]
    outputs: tuple[int, ...]


class Computer(Protocol):
    """Holds weights and KV cache, or leads the ranks that do."""

    @property
    def weight_bytes(self) -> int:
        """Memory of the weights, of all ranks."""
        ...

    @property
    def cache_bytes(self) -> int:
        """Memory of the KV cache, of all ranks."""
        ...

    def compute(self, step: Pass) -> Tensor:
        """Logits ``(len(outputs), vocabulary)``, float32, on the device of the first rank. Good until the
        next pass.
        """
        ...

    def copy(self, sources: Sequence[int], targets: Sequence[int]) -> None:
        """The cells ``targets`` hold what ``sources`` held before the call."""
        ...

    def close(self) -> None:
        """Free everything."""
        ...
