"""The first root of a registry's catalog, which a code names by its hash."""

from pathlib import Path
from typing import Final

from appliance.errors import IntegrityFailed, NotFound
from appliance.federation.exchange.ports import Transport
from appliance.federation.exchange.troubles import NOT_A_REGISTRY, trouble_with
from appliance.federation.protocol import kinds
from appliance.federation.protocol.enroll_code import EnrollCode

FIRST_ROOT: Final = "metadata/1.root.json"
ROOT_BYTES: Final = 512 * 1024


async def root_there(transport: Transport, wanted: EnrollCode) -> bytes:
    """Over the network. Raises ``OutboundFailed`` also where there is no registry, ``Offline``."""
    try:
        return await transport.read(f"{kinds.TUF}/{FIRST_ROOT}", ROOT_BYTES)
    except NotFound as error:
        raise trouble_with(wanted.address, NOT_A_REGISTRY) from error


def root_in(mirror: Path) -> bytes:
    """Of what a stick has brought. Blocks. Raises ``IntegrityFailed`` where it has none."""
    try:
        with (mirror / FIRST_ROOT).open("rb") as file:
            return file.read(ROOT_BYTES + 1)
    except OSError as error:
        raise IntegrityFailed("The stick does not hold the registry's catalog.") from error
