"""Reading a request's body within its limits of size and time."""

import asyncio
from dataclasses import dataclass

from litestar.types import HTTPScope, Receive

from appliance.errors import BadRequest, BodyTooLarge, ClientLeft, RequestTimeout


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, and how long a client may take to send all of it."""

    most_bytes: int = 2**20
    deadline_s: float = 15.0


async def read_body(scope: HTTPScope, receive: Receive, limits: BodyLimits) -> bytes:
    """The whole body.

    Raises ``BodyTooLarge`` before more than ``most_bytes`` were kept (before any, if the length was
    declared), ``RequestTimeout``, ``ClientLeft``.
    """
    check_headers(scope, limits)
    try:
        async with asyncio.timeout(limits.deadline_s):
            return await _collect(receive, limits)
    except TimeoutError:
        raise RequestTimeout(
            f"The body did not arrive within {limits.deadline_s:g} s; check the connection and send it again."
        ) from None


def check_headers(scope: HTTPScope, limits: BodyLimits) -> None:
    """Refuse by what a header says of its body. Raises ``BodyTooLarge``, ``BadRequest``."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > limits.most_bytes:
            raise too_large(limits)
        if name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
            raise BadRequest("Send the body without compression.", param="content-encoding")


async def _collect(receive: Receive, limits: BodyLimits) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientLeft("The client closed its connection.")
        body += message["body"]
        if len(body) > limits.most_bytes:
            raise too_large(limits)
        if not message["more_body"]:
            return bytes(body)


def too_large(limits: BodyLimits) -> BodyTooLarge:
    """There is more of it than is read."""
    return BodyTooLarge(f"The body is larger than the {limits.most_bytes} bytes that are read; send less.")
