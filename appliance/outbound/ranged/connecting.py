"""One TCP connection, plain, by TLS, or through the proxy. Each is resolved anew: networks change."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Final

from appliance.outbound.ranged.target import RedirectRefused, Target, target_of

SILENCE_S: Final = 30.0
"""Nothing for so long ends a connection."""
_CONNECT_S: Final = 10.0
_Resolved = tuple[int, str, int]
"""Family, number, port."""
Resolve = Callable[[str, int], Sequence[_Resolved]]


def resolve(host: str, port: int) -> Sequence[_Resolved]:
    """By the system. Raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(int(family), str(address[0]), port) for family, _, _, _, address in found]


@dataclass(frozen=True, slots=True)
class Dialer:
    """Opens connections. ``silence_s`` bounds every wait on them."""

    context: ssl.SSLContext
    proxy: str = ""
    silence_s: float = SILENCE_S
    resolve: Resolve = resolve

    def dial(self, target: Target, *, source: Target) -> socket.socket:
        """A connection for ``target``, to which ``source`` has led, or is it.

        A name may mean a private network only where the source is itself named as there, or is the target:
        where the check is made is where the connection goes, so that a name cannot change in between.
        Raises ``OSError``, ``RedirectRefused``.
        """
        if self.proxy and not target.nearby:
            sock = self._through_proxy(target)
        else:
            private = target.origin == source.origin or source.nearby
            sock = self._reach(target.host, target.port, private=private)
        if not target.encrypted:
            return sock
        return self._encrypt(sock, target.host)

    def _reach(self, host: str, port: int, *, private: bool) -> socket.socket:
        failure: OSError = OSError("no address")
        refused = False
        for family, number, _ in self.resolve(host, port):
            if not private and not _is_public(number):
                refused = True
                continue
            try:
                return self._connect(family, number, port)
            except OSError as error:
                failure = error
        if refused:
            raise RedirectRefused("this machine or a private network")
        raise failure

    def _connect(self, family: int, number: str, port: int) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(min(_CONNECT_S, self.silence_s))
            sock.connect((number, port))
            sock.settimeout(self.silence_s)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            sock.close()
            raise
        return sock

    def _through_proxy(self, target: Target) -> socket.socket:
        proxy = target_of(self.proxy)
        if proxy.encrypted:
            # The library has no TLS within TLS over a socket.
            raise ProxyFailed
        sock = self._reach(proxy.host, proxy.port, private=True)
        try:
            host = f"[{target.host}]" if ":" in target.host else target.host
            asked = f"CONNECT {host}:{target.port} HTTP/1.1\r\nHost: {host}:{target.port}\r\n\r\n"
            sock.sendall(asked.encode("ascii"))
            answer = HTTPResponse(sock, method="CONNECT")
            answer.begin()
        except (OSError, HTTPException) as error:
            sock.close()
            raise ProxyFailed from error
        if answer.status != 200:
            sock.close()
            raise ProxyFailed
        # TLS speaks first from our side, so that nothing of the tunnel is in the answer's buffer.
        return sock

    def _encrypt(self, sock: socket.socket, host: str) -> socket.socket:
        try:
            return self.context.wrap_socket(sock, server_hostname=host)
        except OSError:
            sock.close()
            raise


class ProxyFailed(OSError):
    """The proxy of the settings does not let this through."""


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_global)
