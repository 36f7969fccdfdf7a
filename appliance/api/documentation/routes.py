"""``GET /openapi.json`` and ``GET /docs``: made once, when somebody asks for one of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.document import openapi_document
from appliance.api.documentation.endpoint import Endpoint
from appliance.api.documentation.page import html_page
from appliance.edge.access import Access, check_loopback

PATHS: Final = ("/openapi.json", "/docs", "/docs/page.css")

_STYLE: Final = Path(__file__).with_name("page.css")
_HEADERS: Final = {
    "cache-control": "no-cache",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

AnyRequest = Request[Any, Any, Any]
Answer = tuple[bytes, str]
"""The bytes and their media type."""


def documentation_routes(
    endpoints: Sequence[Endpoint], *, version: str, access: Access
) -> list[HTTPRouteHandler]:
    """The document, the page and its style; none where ``access`` is ``off``."""
    if access == "off":
        return []

    @cache
    def answers() -> Mapping[str, Answer]:
        document = openapi_document(endpoints, version=version)
        return {
            "/openapi.json": (msgspec.json.encode(document), "application/json"),
            "/docs": (html_page(document).encode(), "text/html; charset=utf-8"),
            "/docs/page.css": (_STYLE.read_bytes(), "text/css; charset=utf-8"),
        }

    return [_route(path, answers, access) for path in PATHS]


def _route(path: str, answers: Callable[[], Mapping[str, Answer]], access: Access) -> HTTPRouteHandler:
    @get(path, name=path)
    async def show(request: AnyRequest) -> Response[bytes]:
        check_loopback(request.scope, access)
        body, media = answers()[path]
        return Response(body, media_type=media, headers=_HEADERS)

    return show
