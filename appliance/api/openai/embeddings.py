"""``POST /v1/embeddings``: from bytes to vectors, ended with its client."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import GENERATION_ERRORS, Endpoint
from appliance.api.notices import notice_header
from appliance.api.openai.embedding_wire import (
    EmbeddingAsked,
    EmbeddingBody,
    EmbeddingsBody,
    entry,
    read_embedding,
    whole_answer,
)
from appliance.api.openai.fields import ignored_header
from appliance.api.openai.ports import GenerationRun, Generations
from appliance.api.openai.routes import ApiLimits
from appliance.domain.generation import ChoiceFinished, Embedded, FinishReason, Settled
from appliance.edge.bodies import read_body
from appliance.edge.callers import caller_of
from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of
from appliance.errors import NotReady, ReplicaFailed

PATH: Final = "/v1/embeddings"
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        "Texts",
        "Makes a vector of each text.",
        "The vectors, in the order of the inputs; each has length 1.",
        detail="`model` must be one whose `embeds` is true in `GET /v1/models`.",
        body=EmbeddingBody,
        example={"model": "your-embedding-model", "input": ["A key opens the box.", "A lock is closed."]},
        answer_shape=EmbeddingsBody,
        errors=GENERATION_ERRORS,
        computes=True,
    ),
)


def embedding_routes(generations: Generations, limits: ApiLimits) -> list[HTTPRouteHandler]:
    """The route."""

    @post(PATH, status_code=200, name=PATH)
    async def embed(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        asked = read_embedding(
            body, request_id=request_id_of(request.scope), most_prompt_bytes=limits.prompt_bytes
        )
        async with AsyncExitStack() as abandoned, while_connected(request.receive):
            run = await generations.start(caller_of(request.scope), asked.request)
            abandoned.push_async_callback(run.aclose)
            answer = await whole_embedding(run, asked)
            return Response(answer, headers=_headers(run, asked), media_type="application/json")

    return [embed]


async def whole_embedding(run: GenerationRun, asked: EmbeddingAsked) -> bytes:
    """The body, once it is settled. Raises what ended the run otherwise."""
    entries: dict[int, bytes] = {}
    async for event in run:
        match event:
            case Embedded(index=index, vector=vector):
                entries[index] = entry(index, vector, asked)
                # Thousands may be at hand at once, and each takes a while to write.
                await asyncio.sleep(0)
            case ChoiceFinished(reason=FinishReason.CANCELLED):
                raise NotReady("The box ended this request before it was complete; send it again.")
            case Settled(usage=usage) if len(entries) == len(asked.request.inputs):
                return whole_answer(run.accepted, [entries[index] for index in sorted(entries)], usage)
    raise ReplicaFailed("The request ended without all its vectors; send it again.")


def _headers(run: GenerationRun, asked: EmbeddingAsked) -> Mapping[str, str]:
    return {
        "cache-control": "no-store",
        "x-carrel-queue-position": str(run.accepted.queue_position),
        **notice_header(run.accepted),
        **ignored_header(asked.ignored),
    }
