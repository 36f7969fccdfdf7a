"""The verbs of incidents: looking, deciding, appealing."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.oversight import Incident, Level, Verdict
from appliance.domain.results import IncidentDetail, IncidentList, Result
from appliance.errors import Conflict, NotFound, NotPermitted
from appliance.policy.oversight import VERDICT_DAYS, Decision, appealed, decided, is_current
from appliance.services.oversight import telling
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.ports import Directory, Incidents
from appliance.services.oversight.presenting import detail, summary
from appliance.services.oversight.tripwires import Tripwires

NO_INCIDENT: Final = "No incident has this id. `carrel incident list` shows them."


class IncidentService:
    """In a class its lead decides, elsewhere a reviewer; nobody on their own but where nobody else is."""

    def __init__(
        self,
        table: Incidents,
        book: IncidentBook,
        tripwires: Tripwires,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._table = table
        self._book = book
        self._tripwires = tripwires
        self._directory = directory
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {
            "incident.list": self.show_all,
            "incident.show": self.show,
            "incident.decide": self.decide,
            "incident.appeal": self.appeal,
        }

    async def show_all(
        self, *, project: str | None = None, state: str | None = None, limit: int = 50
    ) -> IncidentList:
        """The newest first."""
        await self._book.flush()
        page = await self._table.page(project=project, state=state, limit=limit)
        return IncidentList(incidents=tuple(summary(one) for one in page))

    async def show(self, *, id: str, project: str | None = None) -> IncidentDetail:
        """Raises ``NotFound``, also for one of another project than ``project``."""
        return self._detail(await self._found(id, project))

    async def decide(
        self,
        *,
        id: str,
        verdict: Verdict,
        reason: str,
        level: str | None = None,
        days: int = VERDICT_DAYS,
        project: str | None = None,
        actor: Actor,
    ) -> IncidentDetail:
        """Raises ``NotFound``, ``NotPermitted``, ``Conflict`` for one that is over."""
        incident = await self._found(id, project)
        self._require_decider(incident, actor)
        if not is_current(incident, self._clock.now_ms()):
            raise Conflict("This incident is over; nothing follows from it any more.")
        own = " (self)" if actor.person and actor.person == incident.person_id else ""
        after = decided(
            incident,
            Decision(verdict, Level(level or incident.level), reason, actor.known_as + own, days),
            self._clock.now_ms(),
        )
        self._book.put(after, "decided")
        await self._book.flush()
        return self._detail(after)

    async def appeal(self, *, id: str, why: str, person: str, project: str) -> IncidentDetail:
        """Raises ``NotFound``, also for somebody else's; ``Conflict`` for one that leads to nothing."""
        incident = await self._found(id, project)
        if incident.person_id != person:
            raise NotFound(NO_INCIDENT, param="id")
        if not is_current(incident, self._clock.now_ms()) or incident.level is Level.NOTE:
            raise Conflict("Nothing follows from this incident, so there is nothing to object to.")
        after = appealed(incident, why, self._clock.now_ms())
        self._book.put(after, "appealed")
        await self._book.flush()
        return self._detail(after)

    async def _found(self, id: str, project: str | None) -> Incident:
        # What is in memory is newer than what is written.
        found = self._book.current(id) or await self._table.get(id)
        if project is not None and found.project_id != project:
            raise NotFound(NO_INCIDENT, param="id")
        return found

    def _require_decider(self, incident: Incident, actor: Actor) -> None:
        if actor.permission is not Permission.LEAD:
            return
        if self._waits_for(incident) != "lead":
            raise NotPermitted(
                "A lead decides on incidents of a class; those of other projects wait for a reviewer: "
                f"`carrel incident decide {incident.id}` on the box.",
                rule="incident",
                waits_for="reviewer",
            )
        if incident.person_id == actor.person:
            raise NotPermitted(
                "This incident is your own, so it waits for a reviewer: "
                f"`carrel incident decide {incident.id}` on the box.",
                rule="incident",
                waits_for="reviewer",
            )

    def _detail(self, incident: Incident) -> IncidentDetail:
        waits = is_current(incident, self._clock.now_ms()) and incident.state in {"open", "appealed"}
        return detail(
            incident,
            self._tripwires.all.get(incident.wire),
            self._directory.project(incident.project_id),
            self._tripwires.declared(incident.project_id),
            waits_for=self._waits_for(incident) if waits else "",
        )

    def _waits_for(self, incident: Incident) -> str:
        project = self._directory.project(incident.project_id)
        leads = [one for one in self._directory.leads(incident.project_id) if one != incident.person_id]
        return telling.decider(project.kind if project else "", len(leads))
