"""The clock that leases, countersignatures and signed catalogs are judged by: the rule of
``policy.trusted_time`` on this machine's clocks, kept on the disk.

A box that no registry has ever signed anything for goes by its wall clock.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.trusted_time import Kept
from appliance.errors import StorageUnavailable
from appliance.policy import trusted_time
from appliance.policy.trusted_time import ClockState, Known, Reading

EVERY_S: Final = 600.0
_WORDS: Final[dict[ClockState, str]] = {
    "sound": "",
    "unconfirmed": "This machine's clock is {days} past the last time that a registry has signed. If it is "
    "right, the next sync or lease confirms it; `timedatectl` shows and sets it.",
    "behind": "This machine's clock is earlier than it can be, so leases go by the last signed time and what "
    "the machine has counted since. Set it right; `timedatectl` shows it.",
    "ahead": "This machine's clock has jumped ahead while Carrel ran and is not followed: leases go by what "
    "the machine has counted. Set it right, or sync with `carrel fed sync`, which confirms it.",
}


class Count(Protocol):
    """What the machine counts by itself."""

    def since_boot_ms(self) -> int:
        """Counts on while the machine sleeps, and nobody sets it."""
        ...

    def boot(self) -> str:
        """Names the present start of the machine; empty: not known."""
        ...


class Times(Protocol):
    """Where it is remembered."""

    async def read(self) -> Kept | None:
        """None: never was."""
        ...

    async def keep(self, kept: Kept) -> None:
        """Raises ``StorageUnavailable``."""
        ...


@dataclass(frozen=True, slots=True)
class ClockWords:
    """How it stands with the clock; ``trouble`` is a sentence, empty where all is well."""

    state: ClockState
    trouble: str


class TrustedClock:
    """``load`` it before use. ``wall`` is the clock that anybody can set. Any thread may ask what time it
    is.
    """

    def __init__(self, wall: Clock, count: Count, times: Times) -> None:
        self._wall = wall
        self._count = count
        self._times = times
        self._lock = threading.Lock()
        self._kept = Kept()
        self._known: Known | None = None

    async def load(self) -> None:
        """Learn what was known when the box ran last."""
        kept = await self._times.read()
        if kept is not None and kept.signed_ms:
            self._kept = kept
            self._known = trusted_time.begin(
                kept,
                wall_ms=self._wall.now_ms(),
                boot=self._count.boot(),
                count_ms=self._count.since_boot_ms(),
            )

    def now_ms(self) -> int:
        """What time counts. Milliseconds since 1970 UTC."""
        found = self._read()
        return self._wall.now_ms() if found is None else found.effective_ms

    def monotonic_s(self) -> float:
        """The machine's."""
        return self._wall.monotonic_s()

    @property
    def suspect(self) -> bool:
        """Whether the wall clock cannot be right."""
        return self._state() in {"behind", "ahead"}

    @property
    def latest_s(self) -> int:
        """What is signed later than this (s since 1970 UTC) is not to be believed."""
        found = self._read()
        now_ms = self._wall.now_ms() + trusted_time.SLACK_MS if found is None else found.latest_ms
        return now_ms // 1000

    def words(self) -> ClockWords:
        """As operators are told."""
        found = self._read()
        if found is None:
            return ClockWords("sound", "")
        days = (found.effective_ms - found.known.floor_ms) // (24 * trusted_time.HOUR_MS)
        return ClockWords(found.state, _WORDS[found.state].format(days=f"{days} days"))

    def alarms(self) -> tuple[str, ...]:
        """What an operator should see at once."""
        return (self.words().trouble,) if self.suspect else ()

    async def learn(self, signed_s: int) -> None:
        """A statement that is believed was signed then. Raises ``StorageUnavailable``."""
        signed_ms = signed_s * 1000
        if signed_ms <= self._kept.signed_ms:
            return
        with self._lock:
            wall_ms = self._wall.now_ms()
            self._known = trusted_time.learn(self._as_of_now(), signed_ms, wall_ms=wall_ms)
            self._kept = replace(self._kept, signed_ms=signed_ms)
        await self.keep()

    async def reset(self, signed_s: int) -> bool:
        """A registry sets the time. False where a later one of its resets was taken: an old one that turns
        up again changes nothing. Raises ``StorageUnavailable``.
        """
        signed_ms = signed_s * 1000
        if signed_ms <= self._kept.reset_ms:
            return False
        with self._lock:
            self._known = trusted_time.reset(self._as_of_now(), signed_ms)
            self._kept = replace(self._kept, signed_ms=signed_ms, reset_ms=signed_ms)
        await self.keep()
        return True

    async def keep(self) -> None:
        """Bring to the disk what is known now; nothing where no time was ever signed. Raises
        ``StorageUnavailable``.
        """
        found = self._read()
        if found is not None:
            known, kept = found.known, self._kept
            await self._times.keep(
                Kept(known.floor_ms, kept.signed_ms, kept.reset_ms, self._count.boot(), known.count_ms)
            )

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        while True:
            with suppress(StorageUnavailable):
                await self.keep()
            await sleep(EVERY_S)

    def _state(self) -> ClockState:
        found = self._read()
        return "sound" if found is None else found.state

    def _as_of_now(self) -> Known:
        """Where nothing was signed so far, nothing is known. For whoever holds the lock."""
        found = self._read_on()
        return Known(0, 0, self._count.since_boot_ms()) if found is None else found.known

    def _read(self) -> Reading | None:
        with self._lock:
            return self._read_on()

    def _read_on(self) -> Reading | None:
        if self._known is None:
            return None
        found = trusted_time.read(
            self._known, wall_ms=self._wall.now_ms(), count_ms=self._count.since_boot_ms()
        )
        self._known = found.known
        return found
