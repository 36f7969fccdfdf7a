"""The verbs of tripwires: listing, setting, declaring, reading packs again."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.oversight import DeclaredPattern
from appliance.domain.results import Result, TripwireList, WireFault
from appliance.errors import BadRequest, NotFound, NotPermitted
from appliance.policy.tripwires.night import check_hours
from appliance.policy.tripwires.wires import CLASSIFIER, OFF_HOURS, WORDS
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.ports import Directory
from appliance.services.oversight.presenting import declared_line, wire_line
from appliance.services.oversight.tripwires import LabPacks, Tripwires

DAY_MS: Final = 86_400_000


class TripwireService:
    """A lead declares what shape the use has; what it is about, a reviewer has to have looked at."""

    def __init__(
        self,
        tripwires: Tripwires,
        book: IncidentBook,
        directory: Directory,
        lab: LabPacks,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._tripwires = tripwires
        self._book = book
        self._directory = directory
        self._lab = lab
        self._clock = clock
        self._random_bytes = random_bytes

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {
            "tripwire.list": self.show_all,
            "tripwire.set": self.set,
            "tripwire.expect": self.expect,
            "tripwire.forget": self.forget,
            "tripwire.reload": self.reload,
        }

    async def show_all(self) -> TripwireList:
        """As they are now."""
        return self._list()

    async def set(
        self,
        *,
        wire: str,
        switch: str | None = None,
        threshold: int | None = None,
        hours: str | None = None,
    ) -> TripwireList:
        """Raises ``NotFound``, ``BadRequest``."""
        known = self._tripwires.wire(wire)
        if switch is None and threshold is None and hours is None:
            raise BadRequest("Say what to change: --switch, --threshold or --hours.")
        if hours is not None and known.id != OFF_HOURS:
            raise BadRequest(f"Only `{OFF_HOURS}` looks at the time of day.", param="hours")
        setting = self._tripwires.setting(wire)
        await self._tripwires.set(
            replace(
                setting,
                on=setting.on if switch is None else switch == "on",
                threshold=threshold or setting.threshold,
                hours=setting.hours if hours is None else check_hours(hours),
            )
        )
        return self._list()

    async def expect(
        self, *, pattern: str, project: str, why: str, days: int | None = None, actor: Actor
    ) -> TripwireList:
        """Raises ``NotFound``, ``BadRequest``, ``NotPermitted``."""
        self._require_project(project)
        if pattern not in WORDS and pattern not in self._tripwires.all:
            raise BadRequest(
                f"`{pattern}` is no pattern. There are {', '.join(WORDS)}, and the names that `carrel "
                "tripwire list` shows.",
                param="pattern",
            )
        self._require_reviewer(pattern, actor)
        now_ms = self._clock.now_ms()
        await self._tripwires.declare(
            DeclaredPattern(
                id=f"exp_{self._random_bytes(6).hex()}",
                project_id=project,
                pattern=pattern,
                why=why,
                declared_by=actor.known_as,
                declared_ms=now_ms,
                until_ms=None if days is None else now_ms + days * DAY_MS,
            )
        )
        self._book.explain(self._tripwires.all, project)
        return self._list(project if actor.permission is Permission.LEAD else None)

    async def forget(self, *, pattern: str, project: str, actor: Actor) -> TripwireList:
        """Raises ``NotFound``."""
        self._require_project(project)
        await self._tripwires.forget(project, pattern)
        return self._list(project if actor.permission is Permission.LEAD else None)

    async def reload(self) -> TripwireList:
        """Read the lab's packs. Those with a fault are left out and named."""
        self._tripwires.take_packs(*await asyncio.to_thread(self._lab))
        return self._list()

    def _list(self, project: str | None = None) -> TripwireList:
        packs = {pack.id: pack for pack in self._tripwires.packs}
        return TripwireList(
            wires=tuple(wire_line(wire, packs.get(name)) for name, wire in self._tripwires.all.items()),
            declared=tuple(declared_line(one) for one in self._tripwires.declared(project)),
            left_out=tuple(WireFault(file=one.file, reason=one.reason) for one in self._tripwires.faults),
        )

    def _require_project(self, project: str) -> None:
        if self._directory.project(project) is None:
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")

    def _require_reviewer(self, pattern: str, actor: Actor) -> None:
        """For what prompts are about, a lead's word is not enough."""
        content = {CLASSIFIER, *(pack.id for pack in self._tripwires.packs)}
        if actor.permission is Permission.LEAD and pattern in content:
            raise NotPermitted(
                f"`{pattern}` looks at what prompts are about, so a reviewer declares it for a project: "
                "`carrel tripwire expect` on the box.",
                rule="tripwire",
                waits_for="reviewer",
            )
