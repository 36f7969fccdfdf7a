"""A file or a piece of it as an answer: at the pace of its client, as something that no browser opens."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from appliance.edge.heads import is_head
from appliance.edge.leaving import while_connected
from appliance.edge.ranges import Piece
from appliance.errors import ClientLeft

_MEDIA: Final = "application/octet-stream"


class PieceContent(Response[bytes]):
    """``pieces`` are the bytes of ``piece``, of a file that never changes under its ``tag``. ``close`` is
    awaited once the answer is over in any way.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        piece: Piece,
        *,
        tag: str,
        close: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(b"", media_type=_MEDIA)
        self._answer = _SentPiece(pieces, piece, tag, close)

    def to_asgi_response(self, *_: object, **__: object) -> ASGIResponse:
        """What Litestar calls to get the answer as an ASGI app."""
        return self._answer


class _SentPiece(ASGIResponse):
    _should_set_content_length = False

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        piece: Piece,
        tag: str,
        close: Callable[[], Awaitable[None]],
    ) -> None:
        headers = {
            "content-length": str(piece.end - piece.begin),
            "accept-ranges": "bytes",
            "etag": f'"{tag}"',
            "content-disposition": "attachment",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        if piece.content_range is not None:
            headers["content-range"] = piece.content_range
        super().__init__(headers=headers, media_type=_MEDIA, status_code=piece.status)
        self._pieces = pieces
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.start_response(send)
            if not is_head(scope):
                async with while_connected(receive), aclosing(self._pieces) as pieces:
                    async for piece in pieces:
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        except ClientLeft:
            return
        finally:
            await self._close()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
