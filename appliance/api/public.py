"""The app that students reach over TCP, put together from its ports."""

from litestar import Litestar
from litestar.middleware import DefineMiddleware

from appliance.api.acting import acting_routes
from appliance.api.answering import Answering
from appliance.api.anthropic.routes import message_routes
from appliance.api.documentation.endpoint import Endpoint
from appliance.api.documentation.routes import PATHS as DOCUMENTATION_PATHS
from appliance.api.documentation.routes import documentation_routes
from appliance.api.endpoints import endpoints
from appliance.api.health import PUBLIC_PATHS as HEALTH_PATHS
from appliance.api.health import Readiness, health_routes
from appliance.api.licenses import license_routes
from appliance.api.manners import Manners
from appliance.api.me import me_routes
from appliance.api.metrics import PATH as METRICS_PATH
from appliance.api.metrics import metrics_routes
from appliance.api.openai.completions import completion_routes
from appliance.api.openai.embeddings import embedding_routes
from appliance.api.openai.models import model_routes
from appliance.api.openai.moderations import moderation_routes
from appliance.api.openai.ports import Generations, ModelDirectory, Tokenizing
from appliance.api.openai.responses.routes import response_routes
from appliance.api.openai.routes import ApiLimits, chat_routes
from appliance.api.openai.scores import score_routes
from appliance.api.openai.tokens import token_routes
from appliance.api.overnight import Overnight, overnight_routes
from appliance.api.policy import PUBLIC_PATHS as POLICY_PATHS
from appliance.api.policy import policy_routes
from appliance.api.reports import report_routes
from appliance.api.shared_weights import PATH as SHARED_WEIGHTS_PATH
from appliance.api.shared_weights import shared_weight_routes
from appliance.domain.log import Log
from appliance.edge.access import PageAccess, needs_key
from appliance.edge.callers import Authenticator, Callers
from appliance.edge.errors import exception_handler
from appliance.edge.good_standing import GoodStanding
from appliance.edge.rate_headers import RateHeaders
from appliance.edge.sessions import Sessions
from appliance.edge.ways import PlainHttp


def public_app(
    *,
    authenticator: Authenticator,
    generations: Generations,
    tokenizing: Tokenizing,
    directory: ModelDirectory,
    readiness: Readiness,
    limits: ApiLimits,
    log: Log,
    manners: Manners,
    overnight: Overnight,
    sessions: Sessions | None = None,
    plain: PlainHttp | None = None,
) -> Litestar:
    """Routes under /v1 and the two health routes; every other path is a 404 that says which one was meant.

    Debug pages are off whatever the environment says, and so are Litestar's OpenAPI pages: they load scripts
    from elsewhere. Without ``sessions`` nobody signs in, without ``plain`` nobody is answered in the clear.
    """
    access = manners.access
    table = endpoints(access)
    answering = Answering(generations=generations, log=log, ping_s=limits.ping_s, noting=manners.noting)
    return Litestar(
        route_handlers=[
            *health_routes(readiness),
            *me_routes(manners.accounts),
            *policy_routes(manners.policy),
            *license_routes(manners.licenses, limits.body),
            *report_routes(manners.reports, limits.body),
            *shared_weight_routes(manners.weights),
            *acting_routes(manners.acting, log),
            *metrics_routes(manners.metrics, access.metrics),
            *documentation_routes(table, version=manners.version, access=access.docs),
            *model_routes(directory),
            *chat_routes(answering, limits),
            *response_routes(answering, limits),
            *message_routes(answering, tokenizing, limits),
            *embedding_routes(generations, limits),
            *completion_routes(answering, tokenizing, limits),
            *score_routes(generations, tokenizing, limits),
            *token_routes(tokenizing, limits),
            *moderation_routes(generations, manners.guards, limits),
            *overnight_routes(overnight, limits.body),
        ],
        middleware=[
            DefineMiddleware(
                Callers,
                authenticator=authenticator,
                public_paths=public_paths(access),
                sessions=sessions,
                plain=plain,
            ),
            DefineMiddleware(GoodStanding, standing=manners.standing, computing=_computing(table)),
            DefineMiddleware(RateHeaders, rates=manners.rates, paths=_computing(table)),
        ],
        exception_handlers={Exception: exception_handler(log, manners.noting)},
        request_max_body_size=limits.body.most_bytes,
        debug=False,
        pdb_on_exception=False,
        openapi_config=None,
        logging_config=None,
    )


def public_paths(access: PageAccess) -> tuple[str, ...]:
    """Those that are reached without a key."""
    docs = () if needs_key(access.docs) else DOCUMENTATION_PATHS
    metrics = () if needs_key(access.metrics) else (METRICS_PATH,)
    return (*HEALTH_PATHS, *POLICY_PATHS, SHARED_WEIGHTS_PATH, *docs, *metrics)


def _computing(table: tuple[Endpoint, ...]) -> frozenset[str]:
    return frozenset(one.path for one in table if one.computes)
