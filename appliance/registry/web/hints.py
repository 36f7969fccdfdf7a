"""``/.well-known/carrel-registry``: what whoever writes to a registry may want to know first. Not signed, and
nothing rests on it.
"""

from typing import Final

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.federation.protocol import limits
from appliance.federation.protocol.kinds import NONCE_PATH, PATHS, TUF, VERSION, WELL_KNOWN


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """``paths`` are by kind of message, below ``address``."""

    registry: str
    address: str
    versions: tuple[int, ...] = (VERSION,)
    paths: dict[str, str]
    nonce: str = NONCE_PATH
    tuf: str = TUF
    message_bytes: int = limits.MESSAGE_BYTES
    records: int = limits.RECORDS
    nonce_s: int = limits.NONCE_S
    skew_s: int = limits.SKEW_S


def hint_routes(registry: str, address: str) -> list[HTTPRouteHandler]:
    """One."""
    body: Final = msgspec.json.encode(Hints(registry=registry, address=address, paths=dict(PATHS)))

    @get(f"/{WELL_KNOWN}", name="hints")
    async def hints() -> Response[bytes]:
        return Response(body, media_type="application/json", headers={"cache-control": "max-age=3600"})

    return [hints]
