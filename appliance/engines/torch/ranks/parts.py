"""Which part of a model one rank holds, and how the ranks put together what each computed."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


class Link(Protocol):
    """Between the ranks of one model. All of them call the same methods in the same order."""

    def sum(self, tensor: Tensor) -> Tensor:
        """Over all ranks, in place."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """The part of rank ``rank`` of ``size``."""

    rank: int
    size: int
    link: Link

    def bounds(self, total: int) -> tuple[int, int]:
        """From where to where this rank's share of ``total`` goes. Shares differ by one at most."""
        return bounds(total, self.rank, self.size)


def bounds(total: int, rank: int, size: int) -> tuple[int, int]:
    """See ``Part.bounds``."""
    return total * rank // size, total * (rank + 1) // size
