"""The page app, put together from its parts."""

from pathlib import Path
from typing import Final

from litestar import Litestar
from litestar.datastructures import State

from appliance.web.assets import read_assets
from appliance.web.errors import page_errors
from appliance.web.forms import UPLOAD_BYTES
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.routes.access import access_routes
from appliance.web.routes.compare import compare_routes
from appliance.web.routes.files import file_routes
from appliance.web.routes.handbook import handbook_routes
from appliance.web.routes.join import join_routes
from appliance.web.routes.me import me_routes
from appliance.web.routes.polls import poll_routes
from appliance.web.routes.project import project_routes
from appliance.web.routes.signing_in import signing_in_routes
from appliance.web.routes.start import start_routes
from appliance.web.routes.teach import teach_routes
from appliance.web.routes.try_it import try_it_routes
from appliance.web.security import add_headers
from appliance.web.visitors import Visitors

_STATIC: Final = Path(__file__).with_name("static")


def web_app(parts: WebParts) -> Litestar:
    """Every page. Headers that keep a page to itself are on every answer, errors and files included."""
    pages = Pages(parts, read_assets(_STATIC))
    app = Litestar(
        route_handlers=[
            *file_routes(parts, pages),
            *signing_in_routes(parts, pages),
            *try_it_routes(parts, pages),
            *compare_routes(parts, pages),
            *poll_routes(parts, pages),
            *me_routes(parts, pages),
            *access_routes(parts, pages),
            *start_routes(parts, pages),
            *handbook_routes(parts, pages),
            *join_routes(parts, pages),
            *project_routes(pages),
            *teach_routes(parts, pages),
        ],
        exception_handlers={Exception: page_errors(pages, parts.log)},
        before_send=[add_headers],
        state=State({"parts": parts}),
        request_max_body_size=UPLOAD_BYTES,
        debug=False,
        pdb_on_exception=False,
        openapi_config=None,
        logging_config=None,
    )
    # Around the router and not behind it, so that the page of a lost path knows who looks at it.
    app.asgi_handler = Visitors(app.asgi_handler, parts)
    return app
