"""Who holds which sequence of the runner, and what of it a new request can go on from.

A sequence whose request has finished stays *resident*: idle, with its KV cells, until others need the room;
the least recently used goes first. A request of the same owner that begins with the same tokens takes it
over, or forks from it; it can fork from one that runs too. While a sequence is being fed what a later request
begins with as well, that request waits for it: reading the same tokens beside it would be slower for both.

KV tokens are counted carefully: each sequence counts all it holds, whatever it shares with others.

In the split KV layout only sequences whose numbers follow each other are computed together, each gap costs a
pass of its own. There running requests have the lowest numbers: what is idle makes place for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from appliance.engines.base import Runner
from appliance.engines.scheduler.prefixes import BLOCK_TOKENS, Prefix, PrefixIndex, Resident

WORTH_WAITING_TOKENS: Final = 32


@dataclass(frozen=True, slots=True)
class Wait:
    """A request waits until ``leader`` was fed ``tokens``."""

    leader: Resident
    tokens: int

    @property
    def over(self) -> bool:
        """True too when the leader has ended before."""
        return self.leader.fed >= self.tokens or not self.leader.reading


@dataclass(frozen=True, slots=True)
class _Match:
    resident: Resident
    tokens: int
    """That both begin with."""

    @property
    def ready(self) -> int:
        """Of them, those that are in the KV cache now."""
        return min(self.tokens, self.resident.fed)

    @property
    def for_taking(self) -> bool:
        """True where little but the beginning would be lost: the request goes on with its conversation."""
        return self.resident.idle and self.resident.fed - self.tokens <= self.tokens // 4


class Residents:
    """The sequences of one runner. Admission is decided elsewhere: whoever is seated here fits."""

    def __init__(self, runner: Runner) -> None:
        facts = runner.facts
        self._runner = runner
        self._keeps = facts.reuses_prefixes and not facts.deterministic
        self._packs = facts.kv_layout == "split"
        self._kv_tokens = facts.kv_tokens
        self._reserved_tokens = 0
        self._idle_tokens = 0
        self._free = list(range(facts.max_sequences))
        self._idle: dict[int, Resident] = {}
        """The least recently used first."""
        self._index = PrefixIndex()

    def prefix(self, owner: str, tokens: Sequence[int]) -> Prefix:
        """What of ``tokens`` may be shared: nothing, where this runner reuses nothing."""
        return Prefix.of(owner if self._keeps else "", tokens)

    def seat(self, prefix: Prefix, kv_tokens: int) -> Resident | Wait:
        """A sequence for a request that will feed ``prefix`` and reserves ``kv_tokens``; or whom to wait for.

        What the sequence holds already is in its ``fed``.
        """
        matches = self._matches(prefix)
        best = max(matches, key=lambda match: (match.ready, match.resident.idle), default=None)
        ready = best.ready if best else 0
        longest = max(matches, key=lambda match: match.tokens, default=None)
        if longest and longest.resident.reading and longest.tokens - ready >= WORTH_WAITING_TOKENS:
            return Wait(longest.resident, longest.tokens)
        resident = self._place(prefix, matches, best if ready >= BLOCK_TOKENS else None)
        self._index.add(resident)
        self._reserved_tokens += kv_tokens
        self._keep_within()
        return resident

    def fork(self, source: Resident) -> Resident:
        """A sequence for a further choice of a request, from its first one."""
        forked = Resident(self._number(), source.prefix, source.fed)
        self._runner.fork(source.sequence, forked.sequence, source.fed)
        self._index.add(forked)
        return forked

    def give_back(self, kv_tokens: int) -> None:
        """Part of what a seated request has reserved is not needed any more."""
        self._reserved_tokens -= kv_tokens

    def leave(self, resident: Resident, tokens: Sequence[int]) -> None:
        """The request of this sequence is done, which holds ``tokens`` now."""
        self._index.remove(resident)
        if not (resident.prefix.owner and tokens):
            self._drop(resident)
            return
        resident.prefix = Prefix.of(resident.prefix.owner, tokens)
        resident.fed = len(tokens)
        resident.idle = True
        self._idle[resident.sequence] = resident
        self._idle_tokens += resident.fed
        self._index.add(resident)
        self._keep_within()

    def evict_all(self) -> bool:
        """Drop whatever is idle. False where nothing was."""
        evicted = bool(self._idle)
        while self._idle:
            self._evict()
        return evicted

    def _matches(self, prefix: Prefix) -> list[_Match]:
        return [
            _Match(resident, tokens)
            for resident in self._index.proposed(prefix)
            if (tokens := resident.prefix.common(prefix)) >= BLOCK_TOKENS
        ]

    def _place(self, prefix: Prefix, matches: list[_Match], best: _Match | None) -> Resident:
        if best is None:
            return Resident(self._number(), prefix)
        if taken := best if best.for_taking else self._better_taken(matches, best.ready):
            return self._take_over(taken, prefix)
        source = best.resident
        resident = Resident(self._number(), prefix, best.ready)
        self._runner.fork(source.sequence, resident.sequence, best.ready)
        if source.idle:
            self._idle[source.sequence] = self._idle.pop(source.sequence)
        return resident

    def _better_taken(self, matches: list[_Match], ready: int) -> _Match | None:
        """Where a fork would evict another sequence: the least recently used match that is as good as any,
        if less is lost by taking it over.
        """
        if self._free:
            return None
        good = {one.resident.sequence: one for one in matches if one.resident.idle and one.ready == ready}
        oldest = next((good[number] for number in self._idle if number in good), None)
        evicted = next(iter(self._idle.values()))
        return oldest if oldest and oldest.resident.fed - ready <= evicted.fed else None

    def _take_over(self, match: _Match, prefix: Prefix) -> Resident:
        resident = match.resident
        self._no_longer_idle(resident)
        self._runner.cut(resident.sequence, match.ready)
        resident.fed = match.ready
        self._lower(resident)
        return Resident(resident.sequence, prefix, match.ready)

    def _lower(self, resident: Resident) -> None:
        """To the lowest place that no running request has."""
        lowest = min([*self._free[:1], *self._idle], default=resident.sequence)
        if not self._packs or lowest >= resident.sequence:
            return
        if lowest not in self._idle:
            self._move(resident, heappop(self._free))
            return
        idle = self._idle[lowest]
        self._runner.swap(lowest, resident.sequence)
        self._renumber(idle, resident.sequence)
        resident.sequence = lowest

    def _number(self) -> int:
        """An empty sequence: the lowest that is free, or where it matters, that no running request has."""
        if not self._free:
            self._evict()
        if self._packs and self._idle and (lowest := min(self._idle)) < self._free[0]:
            idle, number = self._idle[lowest], heappop(self._free)
            self._runner.fork(lowest, number, idle.fed)
            self._runner.drop(lowest)
            self._renumber(idle, number)
            return lowest
        return heappop(self._free)

    def _move(self, resident: Resident, number: int) -> None:
        """To an empty sequence; its own is empty then."""
        self._runner.fork(resident.sequence, number, resident.fed)
        self._drop(resident)
        resident.sequence = number

    def _renumber(self, idle: Resident, number: int) -> None:
        """What it holds is in another sequence now; its age is the same."""
        self._index.remove(idle)
        idle.sequence = number
        self._index.add(idle)
        self._idle = {one.sequence: one for one in self._idle.values()}

    def _evict(self) -> None:
        oldest = next(iter(self._idle.values()))
        self._no_longer_idle(oldest)
        self._drop(oldest)

    def _no_longer_idle(self, resident: Resident) -> None:
        del self._idle[resident.sequence]
        self._idle_tokens -= resident.fed
        self._index.remove(resident)

    def _drop(self, resident: Resident) -> None:
        self._runner.drop(resident.sequence)
        heappush(self._free, resident.sequence)

    def _keep_within(self) -> None:
        while self._idle and self._reserved_tokens + self._idle_tokens > self._kv_tokens:
            self._evict()
