"""Reading a body that is too large for memory: chunk by chunk, within limits of size and pace."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from litestar.types import HTTPRequestEvent, HTTPScope, Receive

from appliance.edge.bodies import BodyLimits, check_headers, too_large
from appliance.errors import ClientLeft, RequestTimeout

STRETCH_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How large a body may be. Each further ``STRETCH_BYTES`` of it may take ``deadline_s``."""

    most_bytes: int
    deadline_s: float = 30.0


async def upload_chunks(
    scope: HTTPScope, receive: Receive, limits: UploadLimits
) -> AsyncGenerator[bytes, None]:
    """The body as it comes.

    Raises ``BodyTooLarge`` (at once, if the length was declared), ``RequestTimeout``, ``ClientLeft``.
    """
    as_body = BodyLimits(limits.most_bytes, limits.deadline_s)
    check_headers(scope, as_body)
    loop = asyncio.get_running_loop()
    received_bytes, stretch_ends_s, stretch_bytes = 0, loop.time() + limits.deadline_s, STRETCH_BYTES
    while True:
        message = await _next(receive, stretch_ends_s, limits)
        received_bytes += len(message["body"])
        if received_bytes > limits.most_bytes:
            raise too_large(as_body)
        if received_bytes >= stretch_bytes:
            stretch_ends_s, stretch_bytes = (
                loop.time() + limits.deadline_s,
                received_bytes + STRETCH_BYTES,
            )
        if message["body"]:
            yield message["body"]
        if not message["more_body"]:
            return


async def _next(receive: Receive, ends_s: float, limits: UploadLimits) -> HTTPRequestEvent:
    try:
        async with asyncio.timeout_at(ends_s):
            message = await receive()
    except TimeoutError:
        raise RequestTimeout(
            f"Less than {STRETCH_BYTES} bytes of the body arrived within {limits.deadline_s:g} s; "
            "check the connection and send it again."
        ) from None
    if message["type"] != "http.request":
        raise ClientLeft("The client closed its connection.")
    return message
