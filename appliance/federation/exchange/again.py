"""What is tried again within one sync, and after how long. Pure."""

from dataclasses import dataclass
from typing import Final

from appliance.errors import OutboundFailed
from appliance.federation.exchange.troubles import BROKEN, BUSY
from appliance.federation.protocol.replies import Refused
from appliance.outbound import failures

LONGEST_WAIT_S: Final = 30
"""Whoever asks to wait longer than this is asked at the next sync."""
_PASSING: Final = frozenset(
    {failures.TIMEOUT, failures.UNREACHABLE, failures.DNS, failures.BROKEN, failures.PROXY, BUSY, BROKEN}
)
_LATER: Final = frozenset({"rate", "maintenance"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often one message is sent within a sync, and how long is waited in between (s)."""

    attempts: int = 3
    wait_s: float = 1.0
    most_s: float = 10.0
    together_s: float = 120.0


def wait_before_again(error: Exception) -> bool | float:
    """False: not again now. True: after the usual wait; a number: after so many s."""
    if isinstance(error, Refused):
        if error.name not in _LATER:
            return False
        return _within(error.members.get("retry_after_s"))
    if isinstance(error, OutboundFailed) and error.trouble in _PASSING:
        return _within(error.retry_after_s)
    return False


def _within(wait_s: int | str | None) -> bool | float:
    if not isinstance(wait_s, int):
        return True
    return float(wait_s) if wait_s <= LONGEST_WAIT_S else False
