"""The app that students reach over TCP, put together from its ports."""

from litestar import Litestar
from litestar.middleware import DefineMiddleware

from appliance.api.health import PUBLIC_PATHS, Readiness, health_routes
from appliance.api.openai.answering import Answering
from appliance.api.openai.models import model_routes
from appliance.api.openai.ports import Generations, ModelDirectory
from appliance.api.openai.routes import ApiLimits, generation_routes
from appliance.domain.log import Log
from appliance.edge.callers import Authenticator, Callers
from appliance.edge.errors import exception_handler


def public_app(
    *,
    authenticator: Authenticator,
    generations: Generations,
    directory: ModelDirectory,
    readiness: Readiness,
    limits: ApiLimits,
    log: Log,
) -> Litestar:
    """Routes under /v1 and the two health routes; every other path is a 404 that says which one was meant.

    Debug pages are off whatever the environment says, and so are the OpenAPI pages: they load scripts from
    elsewhere.
    """
    answering = Answering(generations=generations, log=log, ping_s=limits.ping_s)
    return Litestar(
        route_handlers=[
            *health_routes(readiness),
            *model_routes(directory),
            *generation_routes(answering, limits),
        ],
        middleware=[DefineMiddleware(Callers, authenticator=authenticator, public_paths=PUBLIC_PATHS)],
        exception_handlers={Exception: exception_handler(log)},
        request_max_body_size=limits.body.most_bytes,
        debug=False,
        pdb_on_exception=False,
        openapi_config=None,
        logging_config=None,
    )
