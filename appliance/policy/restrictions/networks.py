"""From where a request may come. Pure: addresses are texts, as the connection told them."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from appliance.errors import BadRequest

Network = IPv4Network | IPv6Network


def network_of(text: str) -> Network:
    """Of a network such as ``10.0.0.0/8`` or one address. Raises ``BadRequest``."""
    try:
        network = ip_network(text.strip())
    except ValueError as error:
        raise BadRequest(
            f"`{text}` is no network. Write one such as 10.0.0.0/8 or 2001:db8::/32, with zeros behind its "
            "length, or one address.",
            param="networks",
        ) from error
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is not None and network.prefixlen >= 96:
        return ip_network(f"{mapped}/{network.prefixlen - 96}")
    return network


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address is in one of them; always, where there are none. What is no address is in none."""
    if not networks:
        return True
    try:
        found = _plain(ip_address(address))
    except ValueError:
        return False
    return any(found in network for network in networks if network.version == found.version)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address that came over an IPv6 socket is one of IPv4; a scope says nothing here."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))
