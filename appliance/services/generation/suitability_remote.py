"""Whether a model that is hosted elsewhere can do what is asked. What its host is not known to do is refused,
so that nothing is silently left out of an answer.
"""

from collections.abc import Iterator

from appliance.domain.generation import AnyRequest, EmbeddingRequest, GenerationRequest, ServiceClass
from appliance.domain.prompts import ChatPrompt, TokenPrompt
from appliance.domain.upstream import Feature, Upstream
from appliance.errors import BadRequest

_NEEDS = "{} is hosted elsewhere, and its host does not take `{}`. Leave it out, or choose another model."


def check_remote(request: AnyRequest, name: str, remote: Upstream) -> None:
    """Raises ``BadRequest`` that names the field at fault."""
    if isinstance(request, EmbeddingRequest):
        raise BadRequest(f"{name} is hosted elsewhere and makes no embeddings.", param="model")
    if request.service_class is ServiceClass.OVERNIGHT:
        # What is interrupted there is paid all the same, and a line would be computed again.
        raise BadRequest(f"{name} is hosted elsewhere and takes no batches.", param="model")
    if request.prompt_logprobs is not None or request.max_tokens == 0:
        raise BadRequest(f"{name} is hosted elsewhere and does not score prompts.", param="model")
    if isinstance(request.prompt, TokenPrompt):
        raise BadRequest(f"{name} is hosted elsewhere and takes text, no token ids.", param="prompt")
    if request.sampling.logit_bias:
        raise BadRequest(_NEEDS.format(name, "logit_bias"), param="logit_bias")
    for feature, field in _needed(request):
        if feature not in remote.features:
            raise BadRequest(_NEEDS.format(name, field), param=field)


def _needed(request: GenerationRequest) -> Iterator[tuple[Feature, str]]:
    """Features that the request asks for, each with the field that does."""
    if isinstance(request.prompt, ChatPrompt):
        yield "chat", "messages"
        if request.prompt.tools:
            yield "tools", "tools"
    else:
        yield "completions", "prompt"
    if request.answer_format is not None:
        yield "schemas", "response_format"
    if request.logprobs is not None:
        yield "logprobs", "logprobs"
    sampling = request.sampling
    if sampling.seed is not None:
        yield "seed", "seed"
    for field in ("top_k", "min_p", "repeat_penalty"):
        if getattr(sampling, field) is not None:
            yield "sampling", field
