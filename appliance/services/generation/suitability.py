"""Whether a model is made for what is asked of it, decided before anything is prepared."""

from appliance.domain.generation import AnyRequest, EmbeddingRequest
from appliance.domain.prompts import ChatPrompt
from appliance.errors import BadRequest
from appliance.services.generation.ports import ServedModel
from appliance.services.generation.suitability_remote import check_remote


def check_suitable(request: AnyRequest, model: ServedModel) -> None:
    """Raises ``BadRequest`` that names the endpoint, or the kind of model, to use instead."""
    name = model.identity.id
    if model.remote is not None:
        check_remote(request, name, model.remote)
    elif isinstance(request, EmbeddingRequest):
        if not model.embeds:
            raise BadRequest(
                f"{name} writes text and makes no embeddings. Choose a model whose `embeds` is true in "
                "GET /v1/models.",
                param="model",
            )
        if request.dimensions is not None and request.dimensions > model.embedding_size:
            raise BadRequest(
                f"The vectors of {name} have {model.embedding_size} dimensions; ask for no more.",
                param="dimensions",
            )
    elif model.embeds:
        raise BadRequest(f"{name} makes embeddings and does not answer: use /v1/embeddings.", param="model")
    elif isinstance(request.prompt, ChatPrompt) and not model.chats:
        raise BadRequest(f"{name} completes text and does not chat: use /v1/completions.", param="model")
