"""An address that the box may speak to: fixed, with no secrets in it, encrypted where it leaves the lab."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from appliance.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class Address:
    """A base address. Paths are put behind it and cannot lead out of it."""

    base: str
    host: str
    """As people are told it, with its port where one is named."""
    nearby: bool = False
    """It is on this machine or a private network, and no proxy is asked for it."""

    @classmethod
    def parse(cls, text: str, *, plain_http: bool = False) -> "Address":
        """Raises ``ConfigInvalid``. ``plain_http`` allows http:// to an address of this machine or of a
        private network, written as a number or ``localhost``: what a name means is not known before.
        """
        try:
            parts = urlsplit(text)
            hostname, _port = parts.hostname, parts.port
        except ValueError:
            raise _invalid("it is no address") from None
        if not hostname or parts.username or parts.password or parts.query or parts.fragment:
            raise _invalid("it must be a scheme, a host and a path, and nothing else")
        if ".." in parts.path or "%" in parts.path or not text.isascii():
            raise _invalid("its path must be plain")
        nearby = is_nearby(hostname)
        _check_scheme(parts, plain_http=plain_http, nearby=nearby)
        return cls(text.rstrip("/"), parts.netloc, nearby)

    def url(self, path: str) -> str:
        """``path`` is ours, never a client's."""
        return f"{self.base}/{path}"


def is_nearby(hostname: str) -> bool:
    """Whether a host is this machine or of a private network, as far as its name tells."""
    if hostname == "localhost":
        return True
    try:
        number = ipaddress.ip_address(hostname)
    except ValueError:
        return False
    return (number.is_private or number.is_loopback) and not number.is_unspecified


def _check_scheme(parts: SplitResult, *, plain_http: bool, nearby: bool) -> None:
    if parts.scheme == "https":
        return
    if parts.scheme != "http":
        raise _invalid("it must begin with https://")
    if not (plain_http and nearby):
        raise _invalid(
            "http:// is for this machine and private networks, by number, and only where `plain_http` is true"
        )


def _invalid(why: str) -> ConfigInvalid:
    return ConfigInvalid(f"An outside address cannot be used: {why}.", param="address")
