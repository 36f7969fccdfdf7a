"""Whether a process listens somewhere on this machine."""

import socket
from pathlib import Path
from typing import Final

from appliance.client.reaching import check_reachable
from appliance.errors import GatewayNotRunning, NotAllowed

_TIMEOUT_S: Final = 2.0


def is_listening(path: Path) -> bool:
    """Whether a process accepts on a Unix socket. One that this user may not open counts as accepting."""
    try:
        check_reachable(path)
    except GatewayNotRunning:
        return False
    except NotAllowed:
        return True
    return True


def is_port_taken(host: str, port: int) -> bool:
    """Whether a process accepts on a TCP port of this machine."""
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT_S):
            return True
    except OSError:
        return False
