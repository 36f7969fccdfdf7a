"""Where foreign errors of the client become ours. No text of a server or of a library gets into a message."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from appliance.errors import OutboundFailed

TIMEOUT: Final = "timeout"
UNREACHABLE: Final = "unreachable"
BROKEN: Final = "broken"
TOO_LARGE: Final = "too_large"
REDIRECT: Final = "redirect"
ENCODED: Final = "encoded"
PROXY: Final = "proxy"
REFUSED: Final = "refused"


CAPTIVE: Final = "captive_portal"
TLS: Final = "tls"
DNS: Final = "dns"
PROXY_PASSWORD: Final = "proxy_password"  # noqa: S105 - a kind of trouble


@contextmanager
def translated(host: str, *, proxied: bool = False) -> Iterator[None]:
    """Scope in which whatever the client raises becomes ``OutboundFailed``."""
    try:
        yield
    except httpx.ProxyError as error:
        raise failed(host, PROXY_PASSWORD if str(error).startswith("407") else PROXY) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise failed(host, _unconnected(error, proxied=proxied)) from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise failed(host, TIMEOUT) from error
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        raise failed(host, BROKEN) from error


UNSENT: Final = frozenset({UNREACHABLE, PROXY, PROXY_PASSWORD, TLS, DNS})
"""Trouble that came before anything was sent."""

_SAYS: Final = {
    CAPTIVE: (
        "cannot be heard: a web page answers in its place, as where a network asks to log in first. Open any "
        "page in a browser on this network, and log in"
    ),
    TIMEOUT: "did not answer in time",
    UNREACHABLE: "cannot be reached",
    TLS: (
        "speaks no TLS, or shows no certificate that is trusted (a network that reads along has its own: "
        "`ca_file`)"
    ),
    DNS: "has no address that this machine finds by its name",
    BROKEN: "broke off the connection, or does not speak HTTP",
    TOO_LARGE: "sent more than is read",
    REDIRECT: "answered with another address, which is not followed",
    ENCODED: "sent a compressed answer that was not asked for",
    REFUSED: "refused what was sent",
    PROXY: "cannot be reached through the proxy of the setting `proxy`",
    PROXY_PASSWORD: "cannot be reached: the proxy of the setting `proxy` asks who this box is",
}


def failed(host: str, trouble: str) -> OutboundFailed:
    """The error for one kind of trouble."""
    return OutboundFailed(f"{host} {_SAYS[trouble]}. Try again later.", trouble=trouble)


def _unconnected(error: BaseException, *, proxied: bool) -> str:
    """What is behind it is found by its type alone. A proxy comes before everything but TLS, which is spoken
    through it.
    """
    cause: BaseException | None = error
    found = UNREACHABLE
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return TLS
        if isinstance(cause, socket.gaierror):
            found = DNS
        cause = cause.__cause__ or cause.__context__
    return PROXY if proxied else found
