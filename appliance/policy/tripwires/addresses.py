"""An address as a hash under the day's salt: told apart for a day, and from nothing that is kept."""

import hashlib
from ipaddress import IPv6Address, ip_address
from typing import Final

_NETWORK_BYTES: Final = 8


def hashed_address(address: str, salt: bytes) -> int:
    """``salt`` has 16 to 64 bytes. Of an IPv6 address its network counts, since one machine has many."""
    try:
        parsed = ip_address(address)
    except ValueError:
        raw = address.encode("utf-8", "replace")
    else:
        raw = _network(parsed) if isinstance(parsed, IPv6Address) else parsed.packed
    return int.from_bytes(hashlib.blake2b(raw, key=salt, digest_size=8).digest())


def _network(address: IPv6Address) -> bytes:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped.packed
    return address.packed[:_NETWORK_BYTES]
