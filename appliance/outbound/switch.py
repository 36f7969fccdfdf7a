"""The one switch that keeps the box from asking anybody outside, and why it is on.

Whoever leaves the box asks it at each use; nobody keeps what it said. It is on by the setting ``offline``, by
an operator, who may switch it over a restart, or by a class for which the box is to be silent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.switched import Switched
from appliance.errors import Offline
from appliance.outbound.cutting import Cutting

OFFLINE: Final = "offline"
"""Its name among the switches that are kept."""
LOOK_S: Final = 1.0
_BY_SETTING: Final = (
    "The setting `offline` is true; `carrel config set offline false` and a restart of the box end that."
)

Sleep = Callable[[float], Awaitable[None]]
Listener = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nobody is asked, in a sentence, and since when; None where that is not known."""

    says: str
    since_ms: int | None


def _none() -> Sequence[Reason]:
    return ()


class Kept(Protocol):
    """Where switches outlive a restart."""

    async def put(self, name: str, switched: Switched) -> None:
        """In place of how it was. Raises ``StorageUnavailable``."""
        ...

    async def of(self, name: str) -> Switched | None:
        """As it was set last. Raises ``StorageUnavailable``."""
        ...


class _Nowhere:
    """Of a program that keeps nothing."""

    async def put(self, name: str, switched: Switched) -> None:
        """Forgotten."""

    async def of(self, name: str) -> Switched | None:  # noqa: ARG002 - nothing is kept
        """Never set."""
        return None


class Switch:
    """``setting`` is the box's, read at ``began_ms``; ``others`` are reasons of others as they are now, and
    asked from any thread.
    """

    def __init__(
        self,
        *,
        setting: bool = False,
        began_ms: int | None = None,
        others: Callable[[], Sequence[Reason]] = _none,
        kept: Kept | None = None,
    ) -> None:
        self._setting = setting
        self._began_ms = began_ms
        self._others = others
        self._kept: Kept = kept or _Nowhere()
        self._switched: Switched | None = None
        self._setting_it = asyncio.Lock()
        self._cutting = Cutting()
        self._listeners: list[Listener] = []
        self._seen = self.offline

    @property
    def offline(self) -> bool:
        """Whether nobody outside may be asked at this moment."""
        return self._setting or self._is_on or bool(self._others())

    @property
    def since_ms(self) -> int | None:
        """Since when the oldest of the reasons holds; None while the box is online, or nobody knows."""
        known = [one.since_ms for one in self._reasons() if one.since_ms is not None]
        return min(known, default=None)

    def because(self) -> tuple[str, ...]:
        """A sentence for each reason; none while the box is online."""
        return tuple(one.says for one in self._reasons())

    def objection(self, so: str = "it asks nobody outside") -> Offline | None:
        """Why not; ``so`` is what does not happen."""
        if not self.offline:
            return None
        return Offline(f"This box is offline (`carrel offline show` says why), so {so}.")

    def check(self, so: str = "it asks nobody outside") -> None:
        """Raises ``Offline``."""
        if (error := self.objection(so)) is not None:
            raise error

    def asking(self, so: str = "it asks nobody outside") -> AbstractAsyncContextManager[None]:
        """Scope of whatever speaks to somebody outside, in any thread. Raises ``Offline``, at once or at the
        moment at which the switch goes on.
        """
        return self._cutting.scope(lambda: self.objection(so))

    def on_change(self, listener: Listener) -> None:
        """``listener`` is called after the box went offline or came back, on the loop of ``look``."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Learn how it was set last. Raises ``StorageUnavailable``."""
        self._switched = await self._kept.of(OFFLINE)
        self.look()

    async def set(self, on: bool, by: str, now_ms: int) -> None:
        """On holds before it is kept, off after that. Setting it as it is changes nothing. Raises
        ``StorageUnavailable``.
        """
        async with self._setting_it:
            if on == self._is_on:
                return
            switched = Switched(on, now_ms, by)
            if on:
                self._turn(switched)
            await self._kept.put(OFFLINE, switched)
            self._turn(switched)

    def look(self) -> None:
        """Tell everybody if it has changed: a class may have begun or ended. On the loop of the box."""
        offline = self.offline
        if offline == self._seen:
            return
        self._seen = offline
        if (error := self.objection()) is not None:
            self._cutting.cut_all(error)
        for listener in self._listeners:
            listener()

    async def watch(self, sleep: Sleep = asyncio.sleep) -> None:
        """Look once a second, since classes end by the clock. Until it is cancelled."""
        while True:
            self.look()
            await sleep(LOOK_S)

    @property
    def _is_on(self) -> bool:
        return self._switched is not None and self._switched.on

    def _turn(self, switched: Switched) -> None:
        self._switched = switched
        self.look()

    def _reasons(self) -> list[Reason]:
        found: list[Reason] = []
        if self._setting:
            found.append(Reason(_BY_SETTING, self._began_ms))
        if self._switched is not None and self._switched.on:
            says = f"It was switched offline by {self._switched.set_by}; `carrel offline off` ends that."
            found.append(Reason(says, self._switched.since_ms))
        return [*found, *self._others()]
