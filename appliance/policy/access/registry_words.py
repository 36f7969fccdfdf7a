"""How a grant for a model of tier restricted stands with the registry, in a sentence with the next step."""

from typing import Final

from appliance.domain.countersigning import AskedOfRegistry, RegistryPresence
from appliance.domain.days import day_text as day

NO_REGISTRY: Final = "no registry is there to countersign; the reviewer's word stands"


def standing(
    asked: AskedOfRegistry | None, *, presence: RegistryPresence, application: str, until_ms: int | None
) -> str:
    """``application`` is the one that the grant answers (empty: none), ``until_ms`` until when the registry
    has said yes (None: it has not, or it has run out).
    """
    if presence == "none":
        return NO_REGISTRY
    if until_ms is not None:
        return f"countersigned until {day(until_ms)}"
    if presence == "by hand":
        return "waits for the registry's file: `carrel access countersign FILE` takes it"
    if not application:
        return (
            "the registry countersigns what somebody applied for, and this grant answers no application: "
            "`carrel access apply`"
        )
    return _asked(asked, application)


def _asked(asked: AskedOfRegistry | None, application: str) -> str:
    see = f"`carrel access preview {application}`"
    if asked is None or asked.state == "shown":
        return f"waits for the applicant, who sees what leaves ({see}) and agrees"
    if asked.state == "agreed":
        return "agreed; leaves with the next sync or export"
    if asked.state == "sent":
        return f"left the box on {day(asked.sent_ms or 0)}; waits for the registry"
    if asked.state == "yes":
        return f"the registry's yes has run out, or was for another grant: {see} asks again"
    said = f": {asked.reason}" if asked.reason else ""
    if asked.state == "no":
        return f"denied by the registry{said}"
    return f"not taken by the registry{said}; {see} asks again"
