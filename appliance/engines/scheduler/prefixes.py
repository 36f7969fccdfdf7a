"""Finds the sequences whose tokens begin as a prompt does, without comparing it with all of them.

Tokens are hashed in blocks, each block together with all before it (as vLLM's automatic prefix caching does).
A hash only proposes: owner and tokens are compared before anything is reused, so that a collision can never
make one owner's cells another's.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

BLOCK_TOKENS: Final = 16
"""Beginnings shorter than this are not worth the call; longer ones are found to the token."""
_TOKEN_BYTES: Final = array("i").itemsize


@dataclass(frozen=True, slots=True, eq=False)
class Prefix:
    """Tokens of one owner, packed for fast comparison, with one key for each whole block."""

    owner: str
    packed: bytes
    keys: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, owner: str, tokens: Sequence[int]) -> "Prefix":
        """Pack and hash; nothing of nobody's tokens (owner ``""``), which are never shared."""
        packed = array("i", tokens).tobytes() if owner else b""
        return cls(owner, packed, _keys(owner, packed))

    @property
    def tokens(self) -> int:
        """How many."""
        return len(self.packed) // _TOKEN_BYTES

    def common(self, other: "Prefix") -> int:
        """With how many equal tokens both begin; 0 for different owners."""
        if self.owner != other.owner:
            return 0
        one, two = self.packed, other.packed
        lengths = range(_TOKEN_BYTES, min(len(one), len(two)) + 1, _TOKEN_BYTES)
        return bisect_left(lengths, True, key=lambda length: one[:length] != two[:length])


@dataclass(slots=True, eq=False)
class Resident:
    """A sequence that holds tokens: of ``prefix``, those at its first ``fed`` positions."""

    sequence: int
    prefix: Prefix
    fed: int = 0
    idle: bool = False

    @property
    def reading(self) -> bool:
        """True while more of its prefix will be fed."""
        return not self.idle and self.fed < self.prefix.tokens


class PrefixIndex:
    """Residents by the blocks that they begin with."""

    def __init__(self) -> None:
        self._at: dict[tuple[str, int], dict[int, Resident]] = {}

    def add(self, resident: Resident) -> None:
        """To be found from now on."""
        for key in resident.prefix.keys:
            self._at.setdefault(key, {})[resident.sequence] = resident

    def remove(self, resident: Resident) -> None:
        """As it was added: its prefix must be the same."""
        for key in resident.prefix.keys:
            residents = self._at[key]
            del residents[resident.sequence]
            if not residents:
                del self._at[key]

    def proposed(self, prefix: Prefix) -> Collection[Resident]:
        """Those that probably have the most whole blocks in common with ``prefix``, at least one."""
        proposed: dict[int, Resident] = {}
        for key in prefix.keys:
            if key not in self._at:
                break
            proposed = self._at[key]
        return proposed.values()


def _keys(owner: str, packed: bytes) -> tuple[tuple[str, int], ...]:
    size = BLOCK_TOKENS * _TOKEN_BYTES
    keys, chained = [], 0
    for start in range(0, len(packed) - size + 1, size):
        chained = hash((chained, packed[start : start + size]))
        keys.append((owner, chained))
    return tuple(keys)
