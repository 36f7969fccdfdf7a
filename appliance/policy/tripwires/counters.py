"""The counters of one holder in one project, and which wires a request touches there.

A few hundred bytes for who asks a little, about 6 KB for who sets everything off. Nothing is added for a wire
that is off.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from appliance.domain.oversight import Trip
from appliance.policy.tripwires.distinct import Few, Many
from appliance.policy.tripwires.night import within
from appliance.policy.tripwires.seen import FULL, OWN_ONLY, Seen
from appliance.policy.tripwires.sketches import Ring, sketch
from appliance.policy.tripwires.windows import Hours, Minute, Usual
from appliance.policy.tripwires.wires import (
    ADDRESSES,
    BURST,
    CLASSIFIER,
    HARVEST,
    NEAR_EQUAL,
    OFF_HOURS,
    VOLUME,
    Wire,
)

TOKENS_PER_REQUEST: Final = 1000
"""So many tokens count as one more request for the wire that looks at a day's use."""
_BURST_OVER_USUAL: Final = 10
_VOLUME_OVER_USUAL: Final = 5
_CEILING: Final = 10
"""Times the threshold: from there on it does not matter what has become usual."""

Wires = Mapping[str, Wire]
"""Those that are on, by id; packs too."""


class Counters:
    """``note`` every request that was accepted, ``used`` when it has ended."""

    __slots__ = (
        "_day",
        "_deep",
        "_minute",
        "_near",
        "_night",
        "_own",
        "_packs",
        "_ring",
        "_unsafe",
        "_usual",
    )

    def __init__(self) -> None:
        self._minute = Minute()
        self._day = Hours()
        self._usual = Usual()
        self._ring: Ring | None = None
        self._near: Hours | None = None
        self._deep: Many | None = None
        self._own: Many | None = None
        self._night: Hours | None = None
        self._unsafe: Hours | None = None
        self._packs: dict[str, tuple[Hours, Few]] = {}

    def note(self, seen: Seen, wires: Wires) -> list[Trip]:
        """What this request touches."""
        found = [
            look(wire, seen) for name, look in self._looks().items() if (wire := wires.get(name)) is not None
        ]
        return [trip for trip in (*found, *self._hits(seen, wires)) if trip is not None]

    def used(self, tokens: int, now_ms: int, wires: Wires) -> list[Trip]:
        """A request has ended that used so many tokens."""
        wire = wires.get(VOLUME)
        more = tokens // TOKENS_PER_REQUEST
        trip = self._volume_of(wire, more, now_ms) if wire is not None and more else None
        return [] if trip is None else [trip]

    def unsafe(self, now_ms: int, wires: Wires) -> list[Trip]:
        """The guard model found a prompt unsafe."""
        if (wire := wires.get(CLASSIFIER)) is None:
            return []
        self._unsafe = self._unsafe or Hours()
        trip = _tripped(wire, self._unsafe.add(1, now_ms), wire.threshold)
        return [] if trip is None else [trip]

    def _looks(self) -> "Mapping[str, Callable[[Wire, Seen], Trip | None]]":
        return {
            BURST: self._burst,
            VOLUME: self._volume,
            NEAR_EQUAL: self._near_equal,
            HARVEST: self._harvest,
            OFF_HOURS: self._off_hours,
        }

    def _burst(self, wire: Wire, seen: Seen) -> Trip | None:
        if not seen.at_once:
            return None
        limit = _limit(wire, self._minute.usual * _BURST_OVER_USUAL)
        return _tripped(wire, self._minute.add(seen.now_ms), limit)

    def _volume(self, wire: Wire, seen: Seen) -> Trip | None:
        return self._volume_of(wire, 1, seen.now_ms)

    def _volume_of(self, wire: Wire, amount: int, now_ms: int) -> Trip | None:
        usual = self._usual.add(amount, now_ms)
        return _tripped(wire, self._day.add(amount, now_ms), _limit(wire, usual * _VOLUME_OVER_USUAL))

    def _near_equal(self, wire: Wire, seen: Seen) -> Trip | None:
        if not seen.words:
            return None
        self._ring = self._ring or Ring()
        if not self._ring.add(sketch(seen.words)):
            return None
        self._near = self._near or Hours()
        return _tripped(wire, self._near.add(1, seen.now_ms), wire.threshold)

    def _harvest(self, wire: Wire, seen: Seen) -> Trip | None:
        if not seen.tells:
            return None
        self._deep, self._own = self._deep or Many(), self._own or Many()
        own = seen.tells == OWN_ONLY
        (self._own if own else self._deep).add(seen.beginning, seen.now_ms)
        eighths = FULL * self._deep.count + OWN_ONLY * self._own.count
        return _tripped(wire, eighths // FULL, wire.threshold)

    def _off_hours(self, wire: Wire, seen: Seen) -> Trip | None:
        if not within(wire.hours, seen.now_ms):
            return None
        self._night = self._night or Hours()
        return _tripped(wire, self._night.add(1, seen.now_ms), wire.threshold)

    def _hits(self, seen: Seen, wires: Wires) -> Iterator[Trip | None]:
        for hit in seen.hits:
            if (wire := wires.get(hit.pack)) is None:
                continue
            amounts, texts = self._packs.setdefault(hit.pack, (Hours(wire.window_hours), Few(wire.distinct)))
            count, different = amounts.add(hit.amount, seen.now_ms), texts.add(hit.text, seen.now_ms)
            if different >= wire.distinct:
                yield _tripped(wire, count, wire.threshold)


class KeyCounters:
    """What is counted of one key, whoever holds it."""

    __slots__ = ("_addresses",)

    def __init__(self) -> None:
        self._addresses = Few()

    def note(self, seen: Seen, wires: Wires) -> list[Trip]:
        """What this request touches."""
        wire = wires.get(ADDRESSES)
        if wire is None or seen.address is None:
            return []
        trip = _tripped(wire, self._addresses.add(seen.address, seen.now_ms), wire.threshold)
        return [] if trip is None else [trip]


def _limit(wire: Wire, over_usual: float) -> int:
    return int(min(wire.threshold * _CEILING, max(wire.threshold, over_usual)))


def _tripped(wire: Wire, count: int, limit: int) -> Trip | None:
    return Trip(wire.id, count * 100 // limit, count) if count >= limit else None
