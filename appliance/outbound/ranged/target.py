"""Where a request goes, and where it may be sent on to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from appliance.outbound.address import is_nearby

HOPS: Final = 3
"""As many redirects of one request are followed."""
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 16_384
"""Signed addresses are long; this is longer."""
Follow = Literal["same host", "storage"]
"""``storage``: to another host too, since a hub keeps its files elsewhere."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address of one file. ``path`` has its query, which may be a secret of the host: it is not shown.

    ``headers`` are for this host alone and do not go to another one.
    """

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        """What two addresses share where one server answers for both."""
        return self.scheme, self.host, self.port

    @property
    def encrypted(self) -> bool:
        """Whether it is asked by TLS."""
        return self.scheme == "https"

    @property
    def shown(self) -> str:
        """The host, as people are told it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def host_header(self) -> str:
        """As HTTP wants it."""
        return self.shown

    @property
    def nearby(self) -> bool:
        """Whether its name is this machine's or of a private network: no proxy is asked for it."""
        return is_nearby(self.host)


class RedirectRefused(Exception):
    """An answer leads to where this source may not lead. The text is for people and names no address."""


def target_of(url: str, headers: Mapping[str, str] | None = None) -> Target:
    """Raises ``ValueError`` for what is no http(s) address."""
    return _target(urlsplit(url), headers or {})


def followed(target: Target, location: str, follow: Follow) -> Target:
    """The address that an answer of ``target`` names. Raises ``RedirectRefused``.

    From TLS it never leads to plain HTTP; a host that is spoken to in the open is one of this network, and
    leads to no other scheme's rules but its own.
    """
    if len(location) > _LONGEST:
        raise RedirectRefused("an address that is too long")
    try:
        parts = urlsplit(urljoin(f"{target.scheme}://{target.host_header}{target.path}", location))
        onward = _target(parts, {})
    except ValueError:
        raise RedirectRefused("an address that is none") from None
    if onward.origin == target.origin:
        return Target(*target.origin, onward.path, target.headers)
    if follow == "same host":
        raise RedirectRefused("another host")
    if not onward.encrypted and (target.encrypted or not onward.nearby):
        raise RedirectRefused("a host without encryption")
    if onward.nearby and not target.nearby:
        raise RedirectRefused("this machine or a private network")
    return onward


def _target(parts: SplitResult, headers: Mapping[str, str]) -> Target:
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
        raise ValueError("not an address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or not path.isprintable() or " " in path or not parts.hostname.isascii():
        raise ValueError("not an address")
    return Target(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], path, headers)
