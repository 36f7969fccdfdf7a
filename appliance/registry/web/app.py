"""The app, put together from its parts."""

from collections.abc import Sequence
from pathlib import Path

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from appliance.domain.log import Log
from appliance.edge.bodies import BodyLimits
from appliance.registry.web.catalog_files import catalog_routes
from appliance.registry.web.hands import Hands
from appliance.registry.web.hints import hint_routes
from appliance.registry.web.messages import LIMITS, Counter, message_routes
from appliance.registry.web.ports import Receives
from appliance.registry.web.problems import exception_handler


def registry_app(
    *,
    name: str,
    address: str,
    desk: Receives,
    catalog: Path,
    hands: Hands,
    log: Log,
    page: Sequence[HTTPRouteHandler] = (),
    limits: BodyLimits = LIMITS,
    knows_addresses: bool = True,
) -> Litestar:
    """``catalog`` is the folder that is served below ``/tuf``. ``knows_addresses`` is false behind a proxy:
    then all messages come from one address, and the proxy limits how many.
    """
    return Litestar(
        route_handlers=[
            *message_routes(Counter(desk, hands, limits, knows_addresses)),
            *catalog_routes(catalog, hands),
            *hint_routes(name, address),
            *page,
        ],
        exception_handlers={Exception: exception_handler(log)},
        request_max_body_size=limits.most_bytes,
        debug=False,
        pdb_on_exception=False,
        openapi_config=None,
        logging_config=None,
    )
