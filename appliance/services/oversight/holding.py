"""The gate ``hold``: what the incidents of a holder lead to. A warning is told, a throttle counted, a hold
refuses.
"""

import math
from collections import OrderedDict
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.oversight import Incident, Level, Scope
from appliance.errors import NotPermitted, RateLimited
from appliance.policy.rates import Bucket
from appliance.policy.tripwires.wires import Wire
from appliance.services.admission.gates import Asked
from appliance.services.oversight import telling
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.ports import Directory
from appliance.services.oversight.tripwires import Tripwires

MOST_KNOWN: Final = 1024
_MOST_PER_MINUTE: Final = 60
"""Of which a throttle leaves a tenth, where the box allows more, or as much as anybody wants."""


def throttled_per_minute(requests_per_minute: int) -> int:
    """Requests per minute that a throttle leaves, of what the box allows; 0 is without limit."""
    return max(1, min(requests_per_minute or _MOST_PER_MINUTE, _MOST_PER_MINUTE) // 10)


class HoldGate:
    """Asked after whether the holder exists, and before everything about the model."""

    name: Final = "hold"

    def __init__(
        self,
        book: IncidentBook,
        tripwires: Tripwires,
        directory: Directory,
        clock: Clock,
        *,
        requests_per_minute: int,
    ) -> None:
        self._book = book
        self._tripwires = tripwires
        self._directory = directory
        self._clock = clock
        self._per_minute = throttled_per_minute(requests_per_minute)
        self._buckets: OrderedDict[Scope, Bucket] = OrderedDict()

    def let(self, asked: Asked) -> Asked:
        """With a sentence for who is warned. Raises ``NotPermitted``, ``RateLimited``."""
        scope = Scope.of(asked.caller)
        incident = self._book.strongest(scope)
        if incident is None:
            return asked
        wire = self._tripwires.all.get(incident.wire)
        if wire is None:
            return asked
        return self._measured(asked, incident, wire)

    def _measured(self, asked: Asked, incident: Incident, wire: Wire) -> Asked:
        waits_for = self.waits_for(incident.project_id)
        match incident.level:
            case Level.HOLD:
                raise NotPermitted(
                    telling.held(incident, wire, waits_for), rule=self.name, waits_for=waits_for
                )
            case Level.THROTTLE:
                sentence = telling.throttled(incident, wire, self._per_minute, waits_for)
                if asked.request is not None:
                    self._count(incident.scope, sentence)
                return asked.noticed(sentence)
            case _:
                return asked.noticed(telling.warned(incident, wire, waits_for))

    def waits_for(self, project_id: str) -> str:
        """Who decides on incidents of a project."""
        project = self._directory.project(project_id)
        return telling.decider(project.kind if project else "", len(self._directory.leads(project_id)))

    def notices(self, scope: Scope) -> tuple[str, ...]:
        """What a holder is told without asking for an answer."""
        incident = self._book.strongest(scope)
        wire = None if incident is None else self._tripwires.all.get(incident.wire)
        if incident is None or wire is None:
            return ()
        waits_for = self.waits_for(incident.project_id)
        match incident.level:
            case Level.HOLD:
                return (telling.held(incident, wire, waits_for),)
            case Level.THROTTLE:
                return (telling.throttled(incident, wire, self._per_minute, waits_for),)
            case _:
                return (telling.warned(incident, wire, waits_for),)

    def _count(self, scope: Scope, sentence: str) -> None:
        now_s = self._clock.monotonic_s()
        bucket = self._buckets.pop(scope, None) or Bucket.full(self._per_minute, now_s)
        wait_s = bucket.wait_s(1, now_s)
        self._buckets[scope] = bucket if wait_s else bucket.take(1, now_s)
        if len(self._buckets) > MOST_KNOWN:
            self._buckets.popitem(last=False)
        if wait_s:
            raise RateLimited(sentence, retry_after_s=math.ceil(wait_s))
