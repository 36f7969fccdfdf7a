"""The addresses of this machine, and which of them a class could be on."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_INNER: Final = re.compile(r"(lo|docker|br-|veth|virbr|vmnet|vnet|lxc|lxd|cni|flannel|cali|podman|kube)")
"""Bridges and ends of pipes of containers and virtual machines: nobody sits behind them."""
_TUNNELS: Final = re.compile(r"(tun|tap|wg|tailscale|zt|ppp|utun|ipsec)")
_ROUTES: Final = Path("/proc/net/route")
_DEFAULT_ROUTE: Final = "00000000"
_FAMILIES: Final = frozenset({socket.AF_INET, socket.AF_INET6})


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of an interface; ``network`` is what it says of its own network, ``10.20.0.0/16``."""

    name: str
    address: str
    network: str
    is_up: bool = True
    has_default_route: bool = False


def candidates(found: Iterable[Interface]) -> tuple[Interface, ...]:
    """Those that people may be on, the likeliest first. IPv6 only where an interface has nothing else."""
    outer = [one for one in found if one.is_up and not _INNER.match(one.name) and _reaches_others(one)]
    with_four = {one.name for one in outer if _version(one) == 4}
    kept = [one for one in outer if _version(one) == 4 or one.name not in with_four]
    return tuple(sorted(kept, key=_unlikeliness))


def interfaces() -> tuple[Interface, ...]:
    """All that this machine has now, loopback too. Reads the system's tables."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    routed = default_routes(_ROUTES.read_text("ascii") if _ROUTES.exists() else "")
    return tuple(
        Interface(
            name=name,
            address=one.address.split("%", 1)[0],
            network=_network(one.address.split("%", 1)[0], one.netmask),
            is_up=name in up,
            has_default_route=name in routed,
        )
        for name, addresses in psutil.net_if_addrs().items()
        for one in addresses
        if one.family in _FAMILIES
    )


def is_own(address: str, found: Iterable[Interface]) -> bool:
    """Whether this machine has the address. All of 127.0.0.0/8 is its own; what is no address is nobody's."""
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    if asked.is_loopback:
        return True
    return any(ipaddress.ip_address(one.address) == asked for one in found)


def default_routes(table: str) -> frozenset[str]:
    """Names of the interfaces that lead out, from the text of ``/proc/net/route``."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return frozenset(row[0] for row in rows if len(row) > 1 and row[1] == _DEFAULT_ROUTE)


def _reaches_others(one: Interface) -> bool:
    address = ipaddress.ip_address(one.address)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _version(one: Interface) -> int:
    return ipaddress.ip_address(one.address).version


def _unlikeliness(one: Interface) -> tuple[bool, bool, bool, str, str]:
    tunnel = _TUNNELS.match(one.name) is not None
    return tunnel, not one.has_default_route, _version(one) == 6, one.name, one.address


def _network(address: str, netmask: str | None) -> str:
    """With the address alone where the system tells no mask."""
    try:
        if netmask and ":" in netmask:
            bits = int(ipaddress.IPv6Address(netmask)).bit_count()
            return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
        return str(ipaddress.ip_network(f"{address}/{netmask}" if netmask else address, strict=False))
    except ValueError:
        return str(ipaddress.ip_network(address))
