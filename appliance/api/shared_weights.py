"""``GET /v1/shared/weights/{sha256}``: files of models that this lab shares, for boxes that show a pass.

No key of a student opens it, and none is asked for: whose box it is says the pass, as its registry knows it.
"""

from collections.abc import AsyncGenerator
from typing import Any, Final, Protocol

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import Endpoint, Parameter
from appliance.edge.ranges import piece_of
from appliance.edge.sending_ranges import PieceContent
from appliance.errors import NotAllowed, NotAuthenticated, NotFound, TryAgain

AnyRequest = Request[Any, Any, Any]

PATH: Final = "/v1/shared/weights/{sha256}"
PREFIX: Final = "/v1/shared/weights/"
_HEADER: Final = "carrel-pass"
ENDPOINTS: Final = (
    Endpoint(
        "GET",
        PATH,
        "Sharing",
        "A file of a model that this lab shares.",
        "Its bytes, or the piece that `Range` asks for.",
        detail="For other boxes: the header `Carrel-Pass` says who asks. Only where `share_weights` is on.",
        answer_media=("application/octet-stream",),
        errors=(NotAuthenticated, NotAllowed, NotFound, TryAgain),
        parameters=(Parameter("sha256", "path", "SHA-256 of the file, in hex.", "0" * 64),),
        needs_key=False,
    ),
)


class Opened(Protocol):
    """A file that is being given."""

    @property
    def size_bytes(self) -> int:
        """Of all of it."""
        ...

    def pieces(self, begin: int, end: int) -> AsyncGenerator[bytes, None]:
        """The bytes [begin, end)."""
        ...

    async def close(self) -> None:
        """It is over, in whatever way."""
        ...


class SharedWeights(Protocol):
    """Who gives files."""

    async def open(self, sha256: str, token: str) -> Opened:
        """``token`` is the pass. Raises ``NotFound``, ``NotAuthenticated``, ``NotAllowed``, ``TryAgain``."""
        ...


class NothingShared:
    """A box that gives none."""

    async def open(self, sha256: str, token: str) -> Opened:  # noqa: ARG002 - the port's
        """Raises ``NotFound``."""
        raise NotFound("This box shares no such file.")


def shared_weight_routes(weights: SharedWeights) -> list[HTTPRouteHandler]:
    """One route; ``HEAD`` comes with it."""

    @get(PREFIX + "{sha256:str}", name="shared_weights")
    async def give(request: AnyRequest) -> Response[bytes]:
        sha256 = str(request.path_params["sha256"])
        opened = await weights.open(sha256, request.headers.get(_HEADER, ""))
        known = request.headers.get("if-range")
        asked = request.headers.get("range") if known in {None, f'"{sha256}"'} else None
        piece = piece_of(asked, opened.size_bytes)
        return PieceContent(opened.pieces(piece.begin, piece.end), piece, tag=sha256, close=opened.close)

    return [give]
