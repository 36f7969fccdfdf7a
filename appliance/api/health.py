"""``GET /healthz`` says that the process answers, ``GET /readyz`` that it can serve. Both need no key."""

from typing import Final, Protocol

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import Endpoint
from appliance.errors import NotReady

PUBLIC_PATHS: Final = ("/healthz", "/readyz")
ENDPOINTS: Final = (
    Endpoint("GET", "/healthz", "Health", "Is the gateway alive?", "It is.", needs_key=False),
    Endpoint(
        "GET",
        "/readyz",
        "Health",
        "Are requests answered?",
        "They are.",
        errors=(NotReady,),
        needs_key=False,
    ),
)


class Readiness(Protocol):
    """Whether requests can be served."""

    def why_not(self) -> str | None:
        """A sentence that names what is missing, or None when the box is ready."""
        ...


def health_routes(readiness: Readiness) -> list[HTTPRouteHandler]:
    """Both routes."""

    @get("/healthz", name="healthz")
    async def alive() -> Response[bytes]:
        return _status(b'{"status":"ok"}')

    @get("/readyz", name="readyz")
    async def ready() -> Response[bytes]:
        reason = readiness.why_not()
        if reason is not None:
            raise NotReady(reason)
        return _status(b'{"status":"ready"}')

    return [alive, ready]


def _status(body: bytes) -> Response[bytes]:
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})
