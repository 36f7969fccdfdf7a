"""``GET /metrics``, for Prometheus."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import Endpoint
from appliance.edge.access import Access, check_loopback
from appliance.errors import NotAllowed

AnyRequest = Request[Any, Any, Any]

PATH: Final = "/metrics"
MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"


def metrics_endpoints(access: Access) -> tuple[Endpoint, ...]:
    """Its row; none where there is no such page."""
    if access == "off":
        return ()
    return (
        Endpoint(
            "GET",
            PATH,
            "Health",
            "What the box does, in numbers for Prometheus.",
            "Counters, gauges and histograms as text.",
            answer_media=("text/plain",),
            errors=(NotAllowed,) if access == "loopback" else (),
            needs_key=access == "key",
        ),
    )


def metrics_routes(tell: Callable[[], bytes], access: Access) -> list[HTTPRouteHandler]:
    """One route, or none where ``access`` is ``off``."""
    if access == "off":
        return []

    @get(PATH, name="metrics")
    async def show(request: AnyRequest) -> Response[bytes]:
        check_loopback(request.scope, access)
        return Response(tell(), media_type=MEDIA, headers={"cache-control": "no-store"})

    return [show]
