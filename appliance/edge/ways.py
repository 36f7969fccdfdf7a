"""By which way a request came: where nobody on the network could read along, or in the clear."""

import ipaddress
from typing import Final, Protocol

from litestar.types import Scope

from appliance.domain.people import Caller
from appliance.errors import NotAllowed

IN_THE_CLEAR: Final = (
    "This key was sent in the clear and is not accepted here: whoever shares the network can have read it. "
    "Have it replaced, and use an address that begins with https."
)


class PlainHttp(Protocol):
    """Who may be answered where others on the network can read along."""

    def check(self, caller: Caller) -> None:
        """Of a request that came in the clear. Raises ``NotAllowed``."""
        ...


class PrivateOnly:
    """Nobody may."""

    def check(self, caller: Caller) -> None:  # noqa: ARG002 - whoever it is
        """Raises ``NotAllowed``."""
        raise NotAllowed(IN_THE_CLEAR)


def is_private(scope: Scope) -> bool:
    """TLS, a Unix socket, or from this very machine. A proxy on this machine counts as this machine: it is
    what keeps the way to it private.
    """
    if scope["scheme"] == "https" or "peer_uid" in scope.get("state", {}):
        return True
    client = scope.get("client")
    if client is None:
        return False
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
