"""Who may read a page that is no student's business: anybody with a key, this machine, everybody, nobody."""

import ipaddress
from dataclasses import dataclass
from typing import Final, Literal

from litestar.types import Scope

from appliance.errors import NotAllowed

Access = Literal["key", "loopback", "open", "off"]

_FORWARDED: Final = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})
"""A request that a proxy on this machine passed on comes from somewhere else."""


@dataclass(frozen=True, slots=True)
class PageAccess:
    """Of the documentation and of the metrics."""

    docs: Access = "open"
    metrics: Access = "key"


def needs_key(access: Access) -> bool:
    """Whether ``Callers`` has to look for a key."""
    return access == "key"


def check_loopback(scope: Scope, access: Access) -> None:
    """Raises ``NotAllowed`` where only this machine may read, and the request came from another."""
    if access == "loopback" and not _from_this_machine(scope):
        raise NotAllowed("This page is for the machine that Carrel runs on.")


def _from_this_machine(scope: Scope) -> bool:
    if any(name in _FORWARDED for name, _ in scope["headers"]):
        return False
    client = scope.get("client")
    if client is None:
        return False
    try:
        return ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
