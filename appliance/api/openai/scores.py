"""``POST /v1/score``: how probable continuations are, many in one call."""

from contextlib import AsyncExitStack
from itertools import groupby
from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import DEMO_MODEL, GENERATION_ERRORS, Endpoint
from appliance.api.notices import notice_header
from appliance.api.openai.fields import ignored_header
from appliance.api.openai.ports import Generations, Tokenizing
from appliance.api.openai.routes import ApiLimits
from appliance.api.openai.score_wire import ScoreAnswer, ScoreBody, ScoredItem, read_score
from appliance.api.openai.scoring import Scoring
from appliance.api.openai.wire import Usage, tier_of
from appliance.domain.generation import Accepted
from appliance.edge.bodies import read_body
from appliance.edge.callers import caller_of
from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of

PATH: Final = "/v1/score"
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        "Texts",
        "Tells how probable continuations are after their contexts.",
        "For each continuation its log-probability, its tokens, and whether greedy decoding gives it.",
        detail="Continuations of one context share its computation; many items fit one call.",
        body=ScoreBody,
        example={
            "model": DEMO_MODEL,
            "items": [{"context": "The key goes into the", "continuations": [" header", " query"]}],
        },
        answer_shape=ScoreAnswer,
        errors=GENERATION_ERRORS,
        computes=True,
    ),
)


def score_routes(
    generations: Generations, tokenizing: Tokenizing, limits: ApiLimits
) -> list[HTTPRouteHandler]:
    """The route."""

    @post(PATH, status_code=200, name=PATH)
    async def score(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        asked = read_score(body, most_prompt_bytes=limits.prompt_bytes)
        request_id = request_id_of(request.scope)
        scoring = Scoring(generations, tokenizing, caller_of(request.scope), asked, request_id)
        async with AsyncExitStack() as abandoned, while_connected(request.receive):
            abandoned.push_async_callback(scoring.runs.aclose)
            accepted = await scoring.runs.begin()
            answer = await _answer(scoring, accepted, request_id)
        headers = {
            "cache-control": "no-store",
            "x-carrel-queue-position": str(accepted.queue_position),
            **notice_header(accepted),
            **ignored_header(asked.ignored),
        }
        return Response(msgspec.json.encode(answer), headers=headers, media_type="application/json")

    return [score]


async def _answer(scoring: Scoring, accepted: Accepted, request_id: str) -> ScoreAnswer:
    scores = await scoring.read_to_end()
    pairs = zip(scoring.asked.pairs, scores, strict=True)
    items = [
        ScoredItem([score for _, score in of_item])
        for _, of_item in groupby(pairs, key=lambda scored: scored[0].item)
    ]
    return ScoreAnswer(
        id="score-" + request_id.removeprefix("req_"),
        created=accepted.created_ms // 1000,
        model=accepted.model.id,
        system_fingerprint=accepted.model.fingerprint,
        service_tier=tier_of(accepted.service_class),
        items=items,
        usage=Usage.of(scoring.usage),
    )
