"""Whether a gateway listens on an admin socket, and what to do if none does."""

import socket
from pathlib import Path
from typing import Final

from appliance.errors import CarrelError, GatewayNotRunning, NotAllowed

_TIMEOUT_S: Final = 5.0


def check_reachable(path: Path) -> None:
    """Connect once and hang up. Raises ``GatewayNotRunning``, or ``NotAllowed`` for another user's socket.

    Asked before httpx is: that wraps the reason in its own errors and leaks the socket of a failed connect.
    """
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_TIMEOUT_S)
        try:
            probe.connect(str(path))
        except OSError as error:
            raise why_unreachable(error) from error


def why_unreachable(error: OSError) -> CarrelError:
    """What a failed connect means."""
    if isinstance(error, PermissionError):
        return NotAllowed("You may not open Carrel's admin socket; use sudo, or ask to join its group.")
    return GatewayNotRunning("The gateway is not running; start it with `carrel up`.")
