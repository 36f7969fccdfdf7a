"""The lines of batches that run at one model: how much they have, and who of them gives way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.engines.base import Free
from appliance.policy.fairness_room import Lodger, overnight_may_take, who_gives_way
from appliance.services.generation.ports import EventStream, TokenSource

NOTHING = Free(0, 0)


@dataclass(slots=True)
class _Running:
    source: TokenSource
    needs: Free
    stream: EventStream
    leaving: bool = False


@dataclass(slots=True)
class Overnight:
    """Of one line. Numbers are those of the requests."""

    _running: dict[int, _Running] = field(default_factory=dict)

    @property
    def taken(self) -> Free:
        """What they have of all sources together."""
        taken = NOTHING
        for one in self._running.values():
            taken = Free(taken.kv_tokens + one.needs.kv_tokens, taken.sequences + one.needs.sequences)
        return taken

    def run(self, number: int, source: TokenSource, needs: Free, stream: EventStream) -> None:
        """One more runs."""
        self._running[number] = _Running(source, needs, stream)

    def end(self, number: int) -> None:
        """It runs no more."""
        self._running.pop(number, None)

    def may_take(self, needs: Free, *, free: Free, whole: Free) -> bool:
        """Whether one more may run."""
        return overnight_may_take(needs, taken=self.taken, free=free, whole=whole)

    def make_room(self, needs: Free, sources: Sequence[TokenSource]) -> None:
        """Somebody who is not of them waits for room: end as many as that takes. They begin again later."""
        lodgers = [
            Lodger(number, sources.index(one.source), one.needs, one.leaving)
            for number, one in self._running.items()
            if one.source in sources
        ]
        for number in who_gives_way(needs, [source.free for source in sources], lodgers):
            self._running[number].leaving = True
            self._running[number].stream.cancel()
