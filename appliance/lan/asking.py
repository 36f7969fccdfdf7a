"""Who on the local network answers to a name: the question that clients ask, by multicast DNS (RFC 6762)."""

import ipaddress

from zeroconf import AddressResolver, DNSQuestionType, Error, IPVersion, Zeroconf
from zeroconf.asyncio import AsyncZeroconf

from appliance.errors import CarrelError

ANSWER_MS = 2000.0
"""The question is asked twice within that, a second apart."""


async def who_has(label: str, on: str, *, answer_ms: float = ANSWER_MS) -> frozenset[str]:
    """The addresses that ``LABEL.local`` is said to have, asked on the interface of the address ``on``.

    Raises ``CarrelError`` where nothing can be asked there.
    """
    asking = responder(on)
    try:
        return await addresses_of(asking.zeroconf, label, answer_ms=answer_ms)
    finally:
        await asking.async_close()


async def addresses_of(zeroconf: Zeroconf, label: str, *, answer_ms: float = ANSWER_MS) -> frozenset[str]:
    """As ``who_has``, through a responder that runs. Raises ``CarrelError``."""
    resolver = AddressResolver(f"{label}.local.")
    try:
        # By multicast: an answer to one address can reach another program that has the same port.
        await resolver.async_request(zeroconf, answer_ms, question_type=DNSQuestionType.QM)
    except (OSError, Error) as error:
        raise unavailable() from error
    return frozenset(one.split("%", 1)[0] for one in resolver.parsed_addresses())


def responder(address: str) -> AsyncZeroconf:
    """On the interface of that address alone. Raises ``CarrelError`` where its port cannot be had."""
    version = IPVersion.V4Only if ipaddress.ip_address(address).version == 4 else IPVersion.V6Only
    try:
        return AsyncZeroconf(interfaces=[address], ip_version=version)
    except (OSError, Error, RuntimeError) as error:
        raise unavailable() from error


def unavailable() -> CarrelError:
    """Names cannot be asked for or published here."""
    return CarrelError(
        "The box cannot speak multicast DNS here (UDP port 5353): students need the address in numbers, "
        "which cards and codes have."
    )
