"""Which sequence holds which cells of the KV cache: bookkeeping, no tensor is touched.

In the split layout each sequence has a slot of its own, so that attention reads the cache in place; what is
forked or swapped has to be copied. In the unified layout cells lie anywhere, attention gathers them, and
forks share theirs until each holder has let go. Split is chosen wherever every sequence can have room for a
whole context.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.engines.base import EngineSpec, KvExhausted


@dataclass(frozen=True, slots=True)
class Copies:
    """Cells that have to be copied: ``targets`` get what ``sources`` held before any of it."""

    sources: Sequence[int] = ()
    targets: Sequence[int] = ()


class Cells(Protocol):
    """Of one cache. Its caller keeps each sequence within the context."""

    @property
    def sequences(self) -> int:
        """How many there are room for."""
        ...

    @property
    def slots(self) -> int:
        """Parts that the cache is divided into."""
        ...

    @property
    def cells_per_slot(self) -> int:
        """Cells of each part."""
        ...

    def require(self, tokens: int) -> None:
        """Raises ``KvExhausted`` where so many more cannot be held."""
        ...

    def hold(self, sequence: int, tokens: int) -> Sequence[int]:
        """Cells for further tokens of a sequence."""
        ...

    def held(self, sequence: int) -> bytes:
        """Of the unified layout: all cells of a sequence, 32 bits each. Empty in the split layout."""
        ...

    def fork(self, source: int, target: int, tokens: int) -> Copies:
        """``target``, which is empty, holds what the first cells of ``source`` do."""
        ...

    def swap(self, one: int, other: int) -> Copies:
        """Each holds what the other held."""
        ...

    def cut(self, sequence: int, tokens: int) -> None:
        """Let go of what is behind the first ``tokens``; an unopened sequence is fine."""
        ...


def choose_cells(spec: EngineSpec) -> Cells:
    """``auto`` is split where a whole context fits for each sequence. Where split is asked for, or needed
    because ``deterministic`` is, and there are not cells for all, there are fewer sequences.
    """
    parts = max(1, min(spec.max_sequences, spec.kv_tokens // spec.context_tokens))
    asked = spec.deterministic or spec.kv_layout == "split"
    if asked or (spec.kv_layout == "auto" and parts == spec.max_sequences):
        return SlotCells(parts, spec.context_tokens)
    return PooledCells(spec.max_sequences, spec.kv_tokens)


class SlotCells:
    """The split layout."""

    def __init__(self, sequences: int, context_tokens: int) -> None:
        self.sequences = self.slots = sequences
        self.cells_per_slot = context_tokens
        self._lengths = [0] * sequences

    def require(self, tokens: int) -> None:
        """A sequence within its context always has its cells."""

    def hold(self, sequence: int, tokens: int) -> Sequence[int]:
        """The next ones of its slot."""
        first = sequence * self.cells_per_slot + self._lengths[sequence]
        self._lengths[sequence] += tokens
        return range(first, first + tokens)

    def held(self, sequence: int) -> bytes:  # noqa: ARG002 - of the contract
        """Attention knows where they are."""
        return b""

    def fork(self, source: int, target: int, tokens: int) -> Copies:
        """By copying."""
        self._lengths[target] = tokens
        return Copies(self._first(source, tokens), self._first(target, tokens))

    def swap(self, one: int, other: int) -> Copies:
        """By copying both."""
        lengths = self._lengths
        first, second = self._first(one, lengths[one]), self._first(other, lengths[other])
        targets = [*self._first(other, lengths[one]), *self._first(one, lengths[other])]
        lengths[one], lengths[other] = lengths[other], lengths[one]
        return Copies([*first, *second], targets)

    def cut(self, sequence: int, tokens: int) -> None:
        """What is behind is written over."""
        self._lengths[sequence] = min(tokens, self._lengths[sequence])

    def _first(self, sequence: int, tokens: int) -> range:
        first = sequence * self.cells_per_slot
        return range(first, first + tokens)


class PooledCells:
    """The unified layout."""

    slots = 1

    def __init__(self, sequences: int, cells: int) -> None:
        self.sequences = sequences
        self.cells_per_slot = cells
        self._free = list(range(cells - 1, -1, -1))
        self._held = [array("i") for _ in range(sequences)]
        self._holders: Counter[int] = Counter()

    def require(self, tokens: int) -> None:
        """Raises ``KvExhausted``."""
        if tokens > len(self._free):
            raise KvExhausted(f"{tokens} more KV cells were asked for, {len(self._free)} are free")

    def hold(self, sequence: int, tokens: int) -> Sequence[int]:
        """Any that are free."""
        cells = [self._free.pop() for _ in range(tokens)]
        self._held[sequence].extend(cells)
        self._holders.update(cells)
        return cells

    def held(self, sequence: int) -> bytes:
        """All of a sequence."""
        return self._held[sequence].tobytes()

    def fork(self, source: int, target: int, tokens: int) -> Copies:
        """Shared: nothing is copied."""
        shared = self._held[source][:tokens]
        self._held[target] = shared
        self._holders.update(shared)
        return Copies()

    def swap(self, one: int, other: int) -> Copies:
        """Nothing is copied."""
        held = self._held
        held[one], held[other] = held[other], held[one]
        return Copies()

    def cut(self, sequence: int, tokens: int) -> None:
        """Free those that nobody else holds."""
        held = self._held[sequence]
        for cell in held[tokens:]:
            self._holders[cell] -= 1
            if not self._holders[cell]:
                del self._holders[cell]
                self._free.append(cell)
        del held[tokens:]
