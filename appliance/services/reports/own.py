"""Reports as their reporters have them: their own in the key's project, and no others."""

from collections.abc import Mapping, Sequence
from typing import Final

from appliance.domain.people import Caller
from appliance.domain.report_travel import Journey
from appliance.domain.reports import Report
from appliance.services.reports.filing import Case, Filing
from appliance.services.reports.ports import Journeys, NoJourneys, Reports

MOST_LISTED: Final = 200


class OwnReports:
    """Answers ``/v1/reports``. Somebody else's report is one that is not there."""

    def __init__(
        self,
        reports: Reports,
        filing: Filing,
        journeys: Journeys = NoJourneys(),  # noqa: B008 - has no state
    ) -> None:
        self._reports = reports
        self._filing = filing
        self._journeys = journeys

    async def file(self, caller: Caller, case: Case) -> Report:
        """One more. Raises what ``Filing.file`` raises."""
        return await self._filing.file(caller, case)

    async def all(self, caller: Caller) -> Sequence[Report]:
        """The newest first."""
        return await self._reports.page(open_only=False, owner=caller.owner, limit=MOST_LISTED)

    async def get(self, caller: Caller, report_id: str) -> Report:
        """Raises ``NotFound``."""
        return await self._reports.get(report_id, caller.owner)

    async def journeys(self, reports: Sequence[Report]) -> Mapping[str, Journey]:
        """Of those that are to go to the owner of the model."""
        return await self._journeys.journeys([one.id for one in reports])
