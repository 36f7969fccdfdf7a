"""From texts whose vectors are asked for to the work an engine is given and the hold the ledger takes.

Inputs do not see each other, so each costs what it would cost alone. An engine that was reached is paid for
all of them: what a client gets is every vector, or an error.
"""

from collections.abc import Awaitable, Callable, Sequence

from appliance.domain.generation import EmbeddingRequest, ServiceClass, operation
from appliance.domain.people import Caller
from appliance.domain.prompts import PreparedPrompt, TextPrompt, TokenPrompt
from appliance.domain.shapes import ModelShapes
from appliance.domain.usage import Hold
from appliance.engines.base import Embed
from appliance.errors import ContextLengthExceeded
from appliance.policy.flops import FLOP_PER_GFLOP, flop
from appliance.services.generation.planning import Plan, check_prompt
from appliance.services.generation.ports import ServedModel

Inputs = Sequence[tuple[int, ...]]


async def prepare_inputs(
    request: EmbeddingRequest, prepare: Callable[[TextPrompt | TokenPrompt], Awaitable[PreparedPrompt]]
) -> Inputs:
    """Exact tokens, one input after another. Raises as ``prepare`` does."""
    inputs: list[tuple[int, ...]] = []
    for number, one in enumerate(request.inputs):
        try:
            inputs.append((await prepare(one)).tokens)
        except ContextLengthExceeded as error:
            raise ContextLengthExceeded(f"Input {number}: {error.message}", param="input") from error
    return inputs


def plan_embeddings(
    request: EmbeddingRequest,
    *,
    caller: Caller,
    model: ServedModel,
    inputs: Inputs,
    work_id: int,
    now_ms: int,
) -> Plan:
    """Check bounds. Raises ``ContextLengthExceeded``, ``Restricted``."""
    sizes = [len(one) for one in inputs]
    check_prompt(sum(sizes), request.bounds)
    _check_sizes(sizes, model)
    gflop = gflop_of_inputs(model.shapes, sizes)
    hold = Hold(
        request_id=request.id,
        caller=caller,
        model=model.identity,
        prompt_tokens=sum(sizes),
        max_completion_tokens=0,
        gflop=gflop,
        gflop_of_prompt=gflop,
        gflop_per_token=0,
        started_ms=now_ms,
        resumable=request.service_class is ServiceClass.OVERNIGHT,
        op=operation(request),
    )
    return Plan(
        hold,
        Embed(work_id, tuple(inputs), request.service_class is ServiceClass.OVERNIGHT),
        lambda _prompt, _cached, _generated: gflop,
    )


def gflop_of_inputs(shapes: ModelShapes, sizes: Sequence[int]) -> int:
    """What reading inputs of so many tokens costs, rounded up once; no output head is computed."""
    exact = sum([flop(shapes, prompt_tokens=size, cached_tokens=0, generated_tokens=0) for size in sizes])
    return -(-exact // FLOP_PER_GFLOP)


def _check_sizes(sizes: Sequence[int], model: ServedModel) -> None:
    for number, size in enumerate(sizes):
        if size > model.context_tokens:
            raise ContextLengthExceeded(
                f"Input {number} has {size} tokens; {model.identity.id} reads at most {model.context_tokens} "
                "of one input. Divide it.",
                param="input",
            )
    if sum(sizes) > model.capacity.kv_tokens:
        raise ContextLengthExceeded(
            f"The inputs have {sum(sizes)} tokens together; {model.identity.id} takes at most "
            f"{model.capacity.kv_tokens} in one request. Send fewer at once.",
            param="input",
        )
