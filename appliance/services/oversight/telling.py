"""What a caller is told of an incident: which rule, why, for whom it waits, and the next step."""

from datetime import UTC, datetime
from typing import Final

from appliance.domain.oversight import Incident
from appliance.domain.people import DEFAULT_ID
from appliance.policy.tripwires.wires import Wire

APPEAL: Final = "POST /v1/me/incident/appeal"


def decider(kind: str, leads: int) -> str:
    """Who decides, in one word: in a class its lead, elsewhere a reviewer."""
    return "lead" if kind == "course" and leads else "reviewer"


def who(waits_for: str) -> str:
    """The same in a sentence."""
    return "the lead of your class" if waits_for == "lead" else "a reviewer of this box"


def objecting(incident: Incident) -> str:
    """How to object: a key of nobody in particular cannot say whose incident it is."""
    if incident.person_id == DEFAULT_ID:
        return "To object, tell who runs the box the incident's id and why."
    return f"To object, {APPEAL} with the incident's id and why."


def warned(incident: Incident, wire: Wire, waits_for: str) -> str:
    """Beside every answer."""
    return (
        f"Your use looks like this: {wire.title} (incident {incident.id}). Nothing is held back. If your "
        f"project's purpose explains it, tell {who(waits_for)}. {objecting(incident)}"
    )


def throttled(incident: Incident, wire: Wire, per_minute: int, waits_for: str) -> str:
    """Beside every answer, and where one is refused."""
    return (
        f"You may send {per_minute} requests per minute, because your use looks like this: {wire.title} "
        f"(incident {incident.id}). That ends after a day, or when {who(waits_for)} has looked. "
        f"{objecting(incident)}"
    )


def held(incident: Incident, wire: Wire, waits_for: str) -> str:
    """Where a request is refused."""
    because = (
        f"Your requests in this project are held, because your use looks like this: {wire.title} (incident "
        f"{incident.id})."
    )
    object_ = objecting(incident)
    if incident.verdict and incident.until_ms is not None:
        day = datetime.fromtimestamp(incident.until_ms / 1000, UTC).date()
        return f"{because} {who(waits_for).capitalize()} has looked and upheld it until {day}. {object_}"
    ends = "where nobody does, the hold ends after a day"
    return f"{because} {who(waits_for).capitalize()} decides; {ends}. {object_}"
