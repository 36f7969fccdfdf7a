"""What a spot check that does not fit leads to: an incident of the level note, for people to decide on."""

from typing import Final

from appliance.domain.oversight import Scope, Trip
from appliance.domain.people import Caller
from appliance.domain.samples import Sample
from appliance.policy.tripwires.wires import SPOT_CHECK
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.tripwires import Tripwires

_AT_THRESHOLD: Final = 100


class SpotCheckIncidents:
    """Where verdicts lead."""

    def __init__(self, book: IncidentBook, tripwires: Tripwires) -> None:
        self._book = book
        self._tripwires = tripwires

    async def does_not_fit(self, sample: Sample, _reason: str, _by: str, /) -> str:
        """The id of the incident, a new one or the one that stands; empty where the lab turned them off."""
        wire = self._tripwires.all.get(SPOT_CHECK)
        if wire is None or not wire.on:
            return ""
        caller = Caller(sample.key_id, sample.person_id, sample.project_id)
        self._book.tripped(caller, wire, Trip(wire.id, _AT_THRESHOLD, 1))
        found = (one.id for one in self._book.of(Scope.of(caller)) if one.wire == wire.id)
        return next(found, "")
