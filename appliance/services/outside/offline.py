"""Answers ``offline on``, ``off`` and ``show``."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.results import OfflineState, Result, WaitingOutside
from appliance.outbound.switch import Switch

Waits = Callable[[], Awaitable[Sequence[WaitingOutside]]]


class OfflineService:
    """``unreached`` says in words for how long nobody was reached though the box is online; empty where
    somebody was.
    """

    def __init__(self, switch: Switch, waits: Waits, *, unreached: Callable[[], str], clock: Clock) -> None:
        self._switch = switch
        self._waits = waits
        self._unreached = unreached
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"offline.on": self.turn_on, "offline.off": self.turn_off, "offline.show": self.show}

    @property
    def offline(self) -> bool:
        """At this moment."""
        return self._switch.offline

    def line(self) -> str:
        """Why the box is offline, or that nobody was reached: in a line of ``status``."""
        if self._switch.offline:
            return " ".join(self._switch.because())
        return self._unreached()

    async def turn_on(self, *, actor: Actor) -> OfflineState:
        """``offline on``. Raises ``StorageUnavailable``; then it holds until the box is started anew."""
        await self._switch.set(True, actor.known_as, self._clock.now_ms())
        return await self.show()

    async def turn_off(self, *, actor: Actor) -> OfflineState:
        """``offline off``; other reasons may hold all the same. Raises ``StorageUnavailable``."""
        await self._switch.set(False, actor.known_as, self._clock.now_ms())
        return await self.show()

    async def show(self) -> OfflineState:
        """``offline show``. Raises ``StorageUnavailable``."""
        because, since_ms = self._switch.because(), self._switch.since_ms
        return OfflineState(
            offline=bool(because),
            since_ms=since_ms,
            because=because,
            waits=tuple(await self._waits()),
        )
