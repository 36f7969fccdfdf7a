"""Alerts on their way: joined by the hour, written down, told on every way, tried again.

``tell`` is called from anywhere and only notes; one task does the rest. What is more than it can hold is
counted and left out.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from appliance.domain.alerts import Alert, AlertLevel, AlertState, Sign
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.domain.results.alerts import AlertLine, AlertList, AlertTest, AlertTried
from appliance.errors import CarrelError
from appliance.outbound.switch import Switch
from appliance.policy.alerting import (
    GROUP_MS,
    MOST_TRIES,
    has_more_to_tell,
    is_due,
    is_sent,
    joined,
    joins,
)
from appliance.services.alerts.ports import AlertTable, Sink

MOST_HELD: Final = 256
LOOK_EVERY_S: Final = 5.0
KEPT_MS: Final = 90 * 86_400_000


@dataclass(slots=True)
class _Held:
    """One alert, and on which ways it is still to be told."""

    alert: Alert
    pending: list[Sink]
    tries: int = 0
    tried_ms: int = 0
    written: bool = False
    failures: dict[str, str] = field(default_factory=dict)


class Alerts:
    """``least`` is the lowest level that is sent. While ``switch`` is on everything waits, and goes out once
    it is off.
    """

    def __init__(
        self,
        table: AlertTable,
        sinks: Sequence[Sink],
        *,
        least: AlertLevel,
        switch: Switch,
        clock: Clock,
        log: Log,
    ) -> None:
        self._table = table
        self._sinks = tuple(sinks)
        self._least = least
        self._switch = switch
        switch.on_change(self._try_again)
        self._clock = clock
        self._log = log
        self._held: dict[tuple[str, str], _Held] = {}
        self._later: list[_Held] = []
        self._news = asyncio.Event()

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"alert.list": self.list_alerts, "alert.test": self.test}

    def tell(self, sign: Sign) -> None:
        """Soon. Never waits, never raises."""
        now_ms, place = self._clock.now_ms(), (sign.kind, sign.subject)
        known = self._held.get(place)
        if known is not None and joins(known.alert, sign, now_ms):
            known.alert, known.written = joined(known.alert, now_ms), False
        elif len(self._held) + len(self._later) >= MOST_HELD and known is None:
            self._log.warning("alert_left_out", kind=sign.kind, subject=sign.subject)
        else:
            if known is not None and known.pending:
                self._later.append(known)
            self._held[place] = self._new(sign, now_ms)
        self._news.set()

    async def load(self) -> None:
        """What the last process has not told. Raises ``StorageUnavailable``."""
        for alert in await self._table.waiting():
            self._later.append(_Held(alert, list(self._sinks), written=True))
        await self._table.expire(self._clock.now_ms() - KEPT_MS)

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            waits = asyncio.ensure_future(self._news.wait())
            pauses = asyncio.ensure_future(pause(LOOK_EVERY_S))
            try:
                await asyncio.wait([waits, pauses], return_when=asyncio.FIRST_COMPLETED)
            finally:
                waits.cancel()
                pauses.cancel()

    async def look(self) -> None:
        """Tell whatever is due now, and write down how it stands."""
        self._news.clear()
        now_ms = self._clock.now_ms()
        for held in (*self._held.values(), *self._later):
            if has_more_to_tell(held.alert, now_ms):
                self._begin_again(held)
            if held.pending and not self._switch.offline and is_due(held.tries, held.tried_ms, now_ms):
                await self._try(held, now_ms)
            if not held.written:
                await self._write(held)
        self._held = {place: one for place, one in self._held.items() if not self._is_over(one, now_ms)}
        self._later = [one for one in self._later if one.pending]

    async def list_alerts(self, *, limit: int) -> AlertList:
        """``alert list``."""
        ways = tuple(sink.name for sink in self._sinks)
        return AlertList(ways=ways, alerts=tuple(map(_line, await self._table.recent(limit))))

    async def test(self) -> AlertTest:
        """``alert test``: on every way, at once, and what came of it."""
        sign = Sign("test", "box", AlertLevel.NOTE, "This is a test. Alerts of this box arrive.", "")
        now_ms = self._clock.now_ms()
        alert = Alert(f"alr_{secrets.token_hex(6)}", sign, 1, now_ms, now_ms)
        tried = [AlertTried(way=sink.name, reason=await self._told(sink, alert)) for sink in self._sinks]
        return AlertTest(ok=bool(tried) and not any(one.reason for one in tried), tried=tuple(tried))

    @property
    def waiting_since_ms(self) -> Sequence[int]:
        """When each of those was seen first that are still to be told."""
        return [one.alert.first_ms for one in (*self._held.values(), *self._later) if one.pending]

    def _try_again(self) -> None:
        """What could not be told may go out now."""
        for held in (*self._held.values(), *self._later):
            held.tried_ms = 0
        self._news.set()

    def _new(self, sign: Sign, now_ms: int) -> _Held:
        sinks = list(self._sinks) if is_sent(sign.level, self._least) else []
        state: AlertState = "waiting" if sinks else "kept"
        why = "" if sinks else _why_kept(self._sinks)
        alert = Alert(f"alr_{secrets.token_hex(6)}", sign, 1, now_ms, now_ms, state=state, why=why)
        return _Held(alert, sinks)

    def _begin_again(self, held: _Held) -> None:
        held.pending, held.tries, held.failures = list(self._sinks), 0, {}
        held.alert, held.written = replace(held.alert, state="waiting"), False

    async def _try(self, held: _Held, now_ms: int) -> None:
        telling = held.alert
        held.tries, held.tried_ms = held.tries + 1, now_ms
        for sink in list(held.pending):
            if why := await self._told(sink, telling):
                held.failures[sink.name] = f"{sink.name}: {why}"
            else:
                held.failures.pop(sink.name, None)
                held.pending.remove(sink)
        # It may have been seen again meanwhile.
        held.alert = replace(held.alert, why="; ".join(held.failures.values()))
        if not held.pending:
            held.alert = replace(held.alert, state="delivered", told=telling.times, ended_ms=now_ms)
        elif held.tries >= MOST_TRIES:
            held.alert, held.pending = replace(held.alert, state="failed", ended_ms=now_ms), []
        held.written = False

    async def _told(self, sink: Sink, alert: Alert) -> str:
        """Why it was not; empty: it was."""
        try:
            await sink.tell(alert)
        except CarrelError as error:
            self._log.warning("alert_not_told", way=sink.name, error=error.code)
            return error.message
        return ""

    async def _write(self, held: _Held) -> None:
        written = held.alert
        try:
            await self._table.keep(written)
        except CarrelError as error:
            self._log.warning("alert_not_written", error=error.code)
            return
        held.written = held.alert is written

    def _is_over(self, held: _Held, now_ms: int) -> bool:
        aged = now_ms - held.alert.first_ms >= GROUP_MS
        return aged and not held.pending and held.written


def _why_kept(sinks: Sequence[Sink]) -> str:
    return "below `alert_level`" if sinks else "nowhere to send it: see `carrel help alerts`"


def _line(alert: Alert) -> AlertLine:
    return AlertLine(
        id=alert.id,
        kind=alert.sign.kind,
        subject=alert.sign.subject,
        level=alert.sign.level,
        says=alert.sign.says,
        next_step=alert.sign.next_step,
        times=alert.times,
        first_ms=alert.first_ms,
        last_ms=alert.last_ms,
        state=alert.state,
        why=alert.why,
    )
