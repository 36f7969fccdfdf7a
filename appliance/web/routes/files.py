"""What pages load besides themselves: styles, scripts, the icon, and the box's own certificate authority."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.errors import NotFound
from appliance.web.assets import Asset
from appliance.web.pages import Pages
from appliance.web.parts import WebParts

AnyRequest = Request[Any, Any, Any]

_FOREVER: Final = "public, max-age=31536000, immutable"
_AN_HOUR: Final = "public, max-age=3600"


def file_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Three."""

    @get("/static/{name:path}", name="static")
    async def static(request: AnyRequest) -> Response[bytes]:
        return _answer(request, pages.assets.at(request.scope["path"]), _FOREVER)

    @get("/favicon.svg", name="favicon")
    async def favicon(request: AnyRequest) -> Response[bytes]:
        return _answer(request, pages.assets.file("favicon.svg"), _AN_HOUR)

    @get("/ca.crt", name="authority")
    async def authority() -> Response[bytes]:
        certificate = parts.authority()
        if not certificate:
            raise NotFound(
                "The box has no certificate authority of its own: nothing is to be trusted by hand."
            )
        headers = {"content-disposition": 'attachment; filename="carrel-ca.crt"'}
        return Response(certificate, media_type="application/x-x509-ca-cert", headers=headers)

    return [static, favicon, authority]


def _answer(request: AnyRequest, asset: Asset, caching: str) -> Response[bytes]:
    headers = {"cache-control": caching, "etag": asset.etag}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(b"", status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media, headers=headers)
