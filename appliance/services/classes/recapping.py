"""What the keys of a class may have once the class was changed: they are given it at once."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.domain.classes import SchoolClass, SeatCaps
from appliance.domain.clock import Clock
from appliance.domain.enrolling import Recapped
from appliance.domain.people import KeyLimits
from appliance.services.classes.book import ClassBook
from appliance.services.classes.seat_costs import SeatCosts
from appliance.services.people.key_ring import KeyRing


class Recapping:
    """Of each seat the last key that it had: what a released seat has left counts too."""

    def __init__(self, book: ClassBook, ring: KeyRing, costs: SeatCosts, clock: Clock) -> None:
        self._book = book
        self._ring = ring
        self._costs = costs
        self._clock = clock

    async def of(self, before: SchoolClass, after: SchoolClass) -> Sequence[Recapped]:
        """From one state of a class to the next. Raises ``BadRequest`` as ``SeatCosts`` does."""
        keys = self._last_keys(before.id)
        if not keys or (before.caps, before.keys_end_ms) == (after.caps, after.keys_end_ms):
            return ()
        plain = Recapped("", limits_of(after.caps), after.keys_end_ms, self._clock.now_ms())
        spends = await self._spends(plain, before, after)
        return [replace(spends, key_id=key) for key in keys]

    def tell(self, lesson: SchoolClass) -> None:
        """It is on the disk."""
        limits, expires_ms = limits_of(lesson.caps), lesson.keys_end_ms
        for key_id in self._last_keys(lesson.id):
            if (key := self._ring.key(key_id)) is not None:
                self._ring.replace(replace(key, limits=limits, expires_ms=expires_ms))

    async def _spends(self, plain: Recapped, before: SchoolClass, after: SchoolClass) -> Recapped:
        old, new = before.caps.tokens, after.caps.tokens
        if old == new:
            return plain
        micro = await self._costs.micro(after, new)
        if micro is None:
            return replace(plain, unlimited=True)
        was = await self._costs.micro(after, old)
        return replace(plain, limit_micro=micro) if was is None else replace(plain, more_micro=micro - was)

    def _last_keys(self, class_id: str) -> Sequence[str]:
        """Keys are told oldest first, so that of each person the last one stays."""
        return list({person: key for key, person in self._book.keys_of(class_id).items()}.values())


def limits_of(caps: SeatCaps) -> KeyLimits:
    """Of each key."""
    return KeyLimits(
        requests_per_minute=caps.requests_per_minute,
        tokens_per_minute=caps.tokens_per_minute,
        running=caps.running,
    )
