"""The incidents that count now, in memory, and their way to the disk.

A trip is noted while a request is accepted, so nothing waits here: what has changed is written behind it,
all of it at once. A crash loses what was not written yet, and the wires trip again.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.oversight import LADDER, Incident, Level, Scope, Trip
from appliance.domain.people import Caller
from appliance.errors import CarrelError
from appliance.policy.oversight import (
    expired,
    explained,
    first_level,
    goes_on,
    is_current,
    raised,
    tripped_again,
)
from appliance.policy.tripwires.wires import Wire
from appliance.services.oversight.ports import IncidentListener, Incidents

_AGAIN_MS: Final = 60_000
"""Trips within a minute that tell nothing new are one."""
_RETRY_S: Final = 5.0
_WARNED: Final = LADDER.index(Level.WARN)


class IncidentBook:
    """One incident a wire and holder in a project. ``explained_by`` says which declared pattern explains that
    a project touches a wire; empty: none.
    """

    def __init__(
        self,
        table: Incidents,
        explained_by: Callable[[Wire, str], str],
        clock: Clock,
        log: Log,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._table = table
        self._explained_by = explained_by
        self._clock = clock
        self._log = log
        self._random_bytes = random_bytes
        self._current: dict[Scope, dict[str, Incident]] = {}
        self._changed: dict[str, Incident] = {}
        self._wake = asyncio.Event()
        self._listeners: list[IncidentListener] = []

    def on_incident(self, listener: IncidentListener) -> None:
        """Call ``listener`` with every incident that is opened, raised, appealed, decided or expired."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Learn what stands, and nothing else, from the table: at the start, and when rows were changed
        behind this. What is not written yet stays. Raises ``StorageUnavailable``.
        """
        standing = await self._table.standing()
        self._current = {}
        for one in (*standing, *self._changed.values()):
            if is_current(one, self._clock.now_ms()) or one.state != "reviewed":
                self._current.setdefault(one.scope, {})[one.wire] = one

    def tripped(self, caller: Caller, wire: Wire, trip: Trip) -> None:
        """Note one trip: a new incident, or one more of the one that is current."""
        scope, now_ms = Scope.of(caller), self._clock.now_ms()
        before = self._found(scope, wire.id)
        why = self._explained_by(wire, scope.project_id)
        warnings = self._warnings(scope, wire.id)
        if before is None:
            level = first_level(wire, trip, explained=bool(why), warnings=warnings)
            self._open(caller, trip, level, why)
        elif goes_on(before, wire, now_ms) and not why:
            self._open(caller, trip, raised(before.level, 1, wire.most), why)
        elif trip.score > before.score or now_ms - before.last_ms >= _AGAIN_MS:
            after = tripped_again(before, wire, trip, now_ms, explained_by=why, warnings=warnings)
            self.put(after, "raised" if LADDER.index(after.level) > LADDER.index(before.level) else "")

    def strongest(self, scope: Scope) -> Incident | None:
        """The current one that leads furthest, above a note; None: nothing stands against this holder."""
        if scope not in self._current:
            return None
        warned = [one for one in self.of(scope) if LADDER.index(one.level) >= _WARNED]
        return max(warned, key=lambda one: LADDER.index(one.level), default=None)

    def of(self, scope: Scope) -> list[Incident]:
        """Those of one holder that count now."""
        now_ms = self._clock.now_ms()
        return [one for one in self._current.get(scope, {}).values() if is_current(one, now_ms)]

    def current(self, id: str) -> Incident | None:
        """None for one that does not count any more."""
        return next((one for one in self._all() if one.id == id), None)

    @property
    def standing(self) -> list[Incident]:
        """All that count now."""
        return list(self._all())

    def put(self, incident: Incident, happened: str = "") -> None:
        """The incident is this now. Listeners are told where something ``happened``."""
        self._current.setdefault(incident.scope, {})[incident.wire] = incident
        self._change(incident, happened)

    def explain(self, wires: Mapping[str, Wire], project_id: str) -> None:
        """The project has declared something: what it explains is a note from now on."""
        now_ms = self._clock.now_ms()
        for one in list(self._all()):
            wire = wires.get(one.wire)
            if wire is not None and one.scope.project_id == project_id:
                why = self._explained_by(wire, project_id)
                if why and why != one.explained_by:
                    self.put(explained(one, why, now_ms))

    def end_old(self) -> list[Incident]:
        """Let go of what is over. Returns those of which nobody said so."""
        now_ms = self._clock.now_ms()
        over = [one for one in self._every() if not is_current(one, now_ms)]
        for one in over:
            self._current[one.scope].pop(one.wire)
            if not self._current[one.scope]:
                del self._current[one.scope]
        unreviewed = [one for one in over if one.state != "reviewed"]
        for one in unreviewed:
            self._change(expired(one), "expired")
        return unreviewed

    async def flush(self) -> None:
        """Write what has changed. Raises ``StorageUnavailable``; then it is tried again later."""
        changed, self._changed = self._changed, {}
        if not changed:
            return
        try:
            await self._table.save(list(changed.values()))
        except CarrelError:
            self._changed = {**changed, **self._changed}
            raise

    async def write(self) -> None:
        """Until it is cancelled: write what changes, some seconds later where the disk refuses."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.flush()
            except CarrelError as error:
                self._log.warning("incidents_not_written", reason=error.message)
                await asyncio.sleep(_RETRY_S)
                self._wake.set()

    def _open(self, caller: Caller, trip: Trip, level: Level, why: str) -> None:
        now_ms = self._clock.now_ms()
        incident = Incident(
            id=f"inc_{self._random_bytes(6).hex()}",
            wire=trip.wire,
            holder=caller.holder,
            person_id=caller.person_id,
            project_id=caller.project_id,
            key_id=caller.key_id,
            level=level,
            score=trip.score,
            count=trip.count,
            trips=1,
            first_ms=now_ms,
            last_ms=now_ms,
            raised_ms=now_ms,
            explained_by=why,
        )
        self.put(incident, "opened")

    def _found(self, scope: Scope, wire: str) -> Incident | None:
        """The current one. One whose time is over is let go of on the way."""
        found = self._current.get(scope, {}).get(wire)
        if found is None or is_current(found, self._clock.now_ms()):
            return found
        self._change(expired(found), "expired" if found.state != "reviewed" else "")
        return None

    def _warnings(self, scope: Scope, but: str) -> int:
        return sum(one.wire != but and LADDER.index(one.level) >= _WARNED for one in self.of(scope))

    def _change(self, incident: Incident, happened: str) -> None:
        self._changed[incident.id] = incident
        self._wake.set()
        if happened:
            for listener in self._listeners:
                listener(incident, happened)

    def _all(self) -> Iterator[Incident]:
        now_ms = self._clock.now_ms()
        return (one for one in self._every() if is_current(one, now_ms))

    def _every(self) -> Iterator[Incident]:
        return (one for wires in self._current.values() for one in wires.values())
