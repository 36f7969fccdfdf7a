"""The table of every public endpoint: the rows of all modules that have routes."""

from appliance.api.acting_rows import acting_endpoints
from appliance.api.anthropic.routes import ENDPOINTS as MESSAGES
from appliance.api.documentation.endpoint import Endpoint
from appliance.api.health import ENDPOINTS as HEALTH
from appliance.api.licenses import ENDPOINTS as LICENSES
from appliance.api.me import ENDPOINTS as ME
from appliance.api.metrics import metrics_endpoints
from appliance.api.openai.batches import ENDPOINTS as BATCHES
from appliance.api.openai.completions import ENDPOINTS as COMPLETIONS
from appliance.api.openai.embeddings import ENDPOINTS as EMBEDDINGS
from appliance.api.openai.files import ENDPOINTS as FILES
from appliance.api.openai.models import ENDPOINTS as MODELS
from appliance.api.openai.moderations import ENDPOINTS as MODERATIONS
from appliance.api.openai.responses.routes import ENDPOINTS as RESPONSES
from appliance.api.openai.routes import ENDPOINTS as CHAT
from appliance.api.openai.scores import ENDPOINTS as SCORES
from appliance.api.openai.tokens import ENDPOINTS as TOKENS
from appliance.api.policy import ENDPOINTS as POLICY
from appliance.api.reports import ENDPOINTS as REPORTS
from appliance.api.shared_weights import ENDPOINTS as SHARED_WEIGHTS
from appliance.edge.access import PageAccess


def endpoints(access: PageAccess) -> tuple[Endpoint, ...]:
    """In the order of the documentation. The documentation itself is not in it."""
    conversations = (*CHAT, *RESPONSES, *MESSAGES)
    texts = (*COMPLETIONS, *EMBEDDINGS, *SCORES, *TOKENS, *MODERATIONS)
    return (
        *conversations,
        *texts,
        *FILES,
        *BATCHES,
        *MODELS,
        *ME,
        *LICENSES,
        *POLICY,
        *REPORTS,
        *SHARED_WEIGHTS,
        *acting_endpoints(),
        *HEALTH,
        *metrics_endpoints(access.metrics),
    )
