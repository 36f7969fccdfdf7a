"""Where this box is, as whoever asks has reached it."""

from typing import Any

from litestar import Request


def origin_of(request: Request[Any, Any, Any]) -> str:
    """Scheme, host and port. The ``Host`` header was checked before any page is made."""
    return f"{request.scope['scheme']}://{request.headers.get('host', '')}"


def base_url_of(request: Request[Any, Any, Any]) -> str:
    """What clients call ``base_url``."""
    return f"{origin_of(request)}/v1"
