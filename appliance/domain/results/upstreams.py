"""What actions on the keys of hosts elsewhere answer."""

from appliance.domain.results.base import Result


class UpstreamKey(Result, frozen=True):
    """A key by the lab's name for it. The key itself is never shown."""

    name: str
    stored: bool
