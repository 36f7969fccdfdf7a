"""Which inputs go into the next pass: one of each request in turn, as long as there is room.

So a request of two thousand inputs does not hold up one of a single input.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from appliance.engines.base import Embed


@dataclass(slots=True)
class Progress:
    """A request in the making. Its inputs are read in order: ``done`` have their vectors.

    ``turn`` grows with each input that is read, over all requests: whoever has the least was served longest
    ago. ``compute_ms`` is its share of the passes, by tokens; ``tokens`` are those of all inputs.
    """

    work: Embed
    tokens: int
    done: int = 0
    turn: int = 0
    compute_ms: float = 0.0

    @property
    def finished(self) -> bool:
        """Every input has its vector."""
        return self.done == len(self.work.inputs)

    @property
    def tokens_done(self) -> int:
        """Of the inputs that have their vectors."""
        return sum([len(one) for one in self.work.inputs[: self.done]])


@dataclass(frozen=True, slots=True)
class Pick:
    """One input of the next pass."""

    of: Progress
    index: int

    @property
    def tokens(self) -> tuple[int, ...]:
        """The input."""
        return self.of.work.inputs[self.index]


def pack(requests: Iterable[Progress], *, most_tokens: int, most_inputs: int) -> list[Pick]:
    """The inputs of the next pass. Whoever was served longest ago goes first, and fits in any case: no input
    is longer than ``most_tokens``. Requests that yield have none while there are others.
    """
    waiting = sorted(requests, key=lambda one: one.turn)
    urgent = [one for one in waiting if not one.work.yields]
    turns = deque((one, one.done) for one in urgent or waiting)
    picks: list[Pick] = []
    while turns and len(picks) < most_inputs:
        request, index = turns.popleft()
        if len(request.work.inputs[index]) > most_tokens:
            continue  # it goes first in one of the next passes
        picks.append(Pick(request, index))
        most_tokens -= len(request.work.inputs[index])
        if index + 1 < len(request.work.inputs):
            turns.append((request, index + 1))
    return picks
