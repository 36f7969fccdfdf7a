"""Where foreign errors of the client become ours. No text of a server or of a library gets into a message."""

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


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Scope in which whatever the client raises becomes ``OutboundFailed``."""
    try:
        yield
    except httpx.ProxyError as error:
        raise failed(host, PROXY) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise failed(host, UNREACHABLE) from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise failed(host, TIMEOUT) from error
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        raise failed(host, BROKEN) from error


UNSENT: Final = frozenset({UNREACHABLE, PROXY})
"""Trouble that came before anything was sent."""

_SAYS: Final = {
    TIMEOUT: "did not answer in time",
    UNREACHABLE: "cannot be reached, or shows no certificate that is trusted",
    BROKEN: "broke off the connection, or does not speak HTTP",
    TOO_LARGE: "sent more than is read",
    REDIRECT: "answered with another address, which is not followed",
    ENCODED: "sent a compressed answer that was not asked for",
    REFUSED: "refused what was sent",
    PROXY: "cannot be reached through the proxy of the setting `proxy`",
}


def failed(host: str, trouble: str) -> OutboundFailed:
    """The error for one kind of trouble."""
    return OutboundFailed(f"{host} {_SAYS[trouble]}. Try again later.", trouble=trouble)
