"""A file as an answer: piece by piece, at the pace of its client, as something that no browser opens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from appliance.edge.leaving import while_connected
from appliance.errors import ClientLeft


class FileContent(Response[bytes]):
    """``pieces`` have ``size_bytes`` together. One that fails cuts the answer off, as its length shows."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], size_bytes: int) -> None:
        super().__init__(b"", media_type="application/octet-stream")
        self._pieces = pieces
        self._size_bytes = size_bytes

    def to_asgi_response(self, *_: object, **__: object) -> ASGIResponse:
        """What Litestar calls to get the answer as an ASGI app."""
        return _SentPieces(self._pieces, self._size_bytes)


class _SentPieces(ASGIResponse):
    _should_set_content_length = False

    def __init__(self, pieces: AsyncGenerator[bytes, None], size_bytes: int) -> None:
        headers = {
            "content-length": str(size_bytes),
            "content-disposition": "attachment",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        super().__init__(headers=headers, media_type="application/octet-stream")
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        await self.start_response(send)
        try:
            async with while_connected(receive), aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except ClientLeft:
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
