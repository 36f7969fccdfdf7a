"""Which ``Host`` headers are answered: DNS rebinding lets a web page reach us under a name that is not ours.

``X-Forwarded-*`` headers are read nowhere.
"""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

from litestar.types import ASGIApp, Receive, Scope, Send

from appliance.errors import BadRequest

_HOST: Final = re.compile(
    rb"(?:\[(?P<six>[0-9a-fA-F:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))(?::\d{1,5})?\Z"
)


class Hosts:
    """The names and addresses that mean this box. The header's port is not looked at: tunnels change it."""

    def __init__(
        self,
        *,
        bound_to: str,
        names: Iterable[str] = (),
        names_now: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """``bound_to`` is the address listened on; names besides it are given without a port. ``names_now``
        are those that change while it listens, in small letters.
        """
        self._names_now = names_now
        self._names = {name.lower().rstrip(".") for name in names}
        address = _address(bound_to)
        self._any_address = address is not None and address.is_unspecified
        self._addresses = set() if address is None else {address}
        if address is None:
            self._names.add(bound_to.lower())
        if address is None or address.is_loopback or address.is_unspecified:
            self._addresses |= {ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")}
            self._names.add("localhost")

    def admit(self, header: bytes) -> bool:
        """Whether a ``Host`` header of this value is answered."""
        found = _HOST.match(header)
        if found is None:
            return False
        host = (found["six"] or found["name"]).decode("ascii").lower().rstrip(".")
        address = _address(host)
        if address is None:
            return host in self._names or host in self._names_now()
        # An address cannot be made to mean another machine, as a name can.
        return self._any_address or address in self._addresses


class HostCheck:
    """ASGI middleware that refuses other hosts with 400."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for this box. Raises ``BadRequest``."""
        given = [value for name, value in scope["headers"] if name == b"host"]
        if len(given) != 1 or not self._hosts.admit(given[0]):
            raise BadRequest(
                "The box does not answer to that host name; use its address, or add it to `allowed_hosts`."
            )
        await self._app(scope, receive, send)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
