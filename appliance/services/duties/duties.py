"""What a project owes now: the rule of ``policy.duties``, on what this box knows. All from memory."""

import asyncio
from dataclasses import replace
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.duties import NOTHING_OWED, Compute, DutyFacts, Level, Owed, ReachedLevel
from appliance.domain.people import Project
from appliance.errors import NotPermitted
from appliance.policy.duties.deciding import decide
from appliance.policy.duties.levels import level_of
from appliance.policy.duties.wording import noticed, refused_allocation, refused_request
from appliance.policy.duties.years import year_start_ms
from appliance.services.duties.compute import ComputeBook
from appliance.services.duties.ports import Conduct, Directory
from appliance.services.duties.register import DutyRegister

RULE: Final = "duties"
_AT_ONCE: Final = 200
"""Projects that are looked at before others have their turn."""


class Duties:
    """Asked at every request, before every allocation, and once a minute."""

    def __init__(
        self,
        directory: Directory,
        *,
        compute: ComputeBook,
        register: DutyRegister,
        conduct: Conduct,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._compute = compute
        self._register = register
        self._conduct = conduct
        self._clock = clock

    def used(self, project: Project) -> Compute:
        """In its year, with what was trained elsewhere."""
        now_ms = self._clock.now_ms()
        compute = self._compute.totals(project, now_ms)
        trained = self._register.trained_gflop(project.id, year_start_ms(project, now_ms))
        return replace(compute, training_gflop=compute.training_gflop + trained) if trained else compute

    def facts(self, project: Project, requested_gflop: int = 0) -> DutyFacts:
        """All that the rule looks at."""
        return DutyFacts(
            project,
            self.used(project),
            requested_gflop,
            self._conduct.signed(project.id),
            bool(self._directory.leads(project.id)),
            self._register.reached(project.id, year_start_ms(project, self._clock.now_ms())),
            self._register.records(project.id),
        )

    def owed(self, project: Project, requested_gflop: int = 0) -> Owed:
        """``requested_gflop`` is what it asks for beside what it used, or was given to spend."""
        if level_of(self.used(project), project.tags, requested_gflop).level is Level.D0:
            return NOTHING_OWED  # nearly always: signatures and records need not be looked at
        return decide(self.facts(project, requested_gflop), self._clock.now_ms())

    def check_request(self, project_id: str) -> str:
        """What the caller is told with the answer; empty: nothing. Raises ``NotPermitted``."""
        project = self._directory.project(project_id)
        if project is None or level_of(self.used(project), project.tags).level is Level.D0:
            return ""
        owed = self.owed(project)
        if not owed.open:
            return ""
        if owed.overdue:
            first = owed.overdue[0]
            raise NotPermitted(refused_request(project_id, owed, first), rule=RULE, waits_for=first.waits_for)
        return noticed(project_id, owed, owed.open[0])

    def check_allocation(self, project_id: str, micro: int | None, *, lowers: bool = False) -> None:
        """Before a project is given more: ``micro`` is what it could then still spend, None without limit.
        ``lowers``: it had no limit before.

        Raises ``NotPermitted`` where something is owed for that much, or for what it has used; where that
        lowers what it may spend, the latter is no obstacle.
        """
        project = self._directory.project(project_id)
        if project is None:
            return
        # Without a limit nothing is asked for that could be compared.
        owed = self.owed(project, 0 if micro is None else self.used(project).inference_gflop + micro)
        # What is owed for use has a day since which it is; what is only asked for has none.
        obstacles = [one for one in owed.open if not lowers or one.since_ms is None]
        if obstacles:
            first = obstacles[0]
            raise NotPermitted(
                refused_allocation(project_id, owed, first), rule=RULE, waits_for=first.waits_for
            )

    async def look(self) -> None:
        """Write down which levels were reached since the last time. Raises ``StorageUnavailable``."""
        for number, project in enumerate(self._directory.projects(), 1):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            level = level_of(self.used(project), project.tags).level
            now_ms = self._clock.now_ms()
            year_ms = year_start_ms(project, now_ms)
            known = self._register.reached(project.id, year_ms)
            fresh = [one for one in Level if Level.D0 < one <= level and one not in known]
            if fresh:
                await self._register.reach(*(ReachedLevel(project.id, year_ms, one, now_ms) for one in fresh))
