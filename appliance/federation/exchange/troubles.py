"""What can be wrong between a box and its registry beyond the connection itself, in words of ours. No text of
whoever answered gets into a message.
"""

from typing import Final

from appliance.errors import OutboundFailed

NOT_A_REGISTRY: Final = "not_a_registry"
UNKNOWN_ANSWER: Final = "unknown_answer"
BUSY: Final = "busy"
BROKEN: Final = "server_error"
STATUS: Final = "status"

_SAYS: Final = {
    NOT_A_REGISTRY: "is no registry, or its address is another one. Ask whoever keeps it",
    UNKNOWN_ANSWER: (
        "answered in a shape that this box does not know, which is refused. One of the two is newer, or "
        "somebody stands between"
    ),
    BUSY: "asks to wait. Try again later",
    BROKEN: "has trouble of its own. Try again later",
    STATUS: "refused what was sent, and does not say why as a registry does",
}


def trouble_with(host: str, trouble: str, *, retry_after_s: int | None = None) -> OutboundFailed:
    """The error for one kind."""
    return OutboundFailed(f"{host} {_SAYS[trouble]}.", trouble=trouble, retry_after_s=retry_after_s)
