"""``POST /v1/moderations``: texts before a guard model of this box, in OpenAI's shape.

Without a guard the answer is that nothing was looked at: one that calls all texts harmless is believed.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Final, Protocol

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import GENERATION_ERRORS, Endpoint
from appliance.api.notices import notice_header
from appliance.api.openai.fields import Fields, ignored_header
from appliance.api.openai.moderating import Moderating
from appliance.api.openai.moderation_wire import (
    ModerationAnswer,
    ModerationBody,
    result_of,
    texts_in,
)
from appliance.api.openai.ports import Generations
from appliance.api.openai.routes import ApiLimits
from appliance.domain.recipe import Guard
from appliance.edge.bodies import read_body
from appliance.edge.callers import caller_of
from appliance.edge.decoding import decode_checked
from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of
from appliance.errors import NotAvailable

PATH: Final = "/v1/moderations"
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        "Texts",
        "Says whether texts are harmful, as a guard model of the box finds.",
        "A verdict a text. `guard` has the model's own categories beside OpenAI's.",
        detail="A first sign, and no decision about a person. Without a guard model it is answered 501.",
        body=ModerationBody,
        example={"input": "A text to look at"},
        answer_shape=ModerationAnswer,
        errors=(*GENERATION_ERRORS, NotAvailable),
        computes=True,
    ),
)
_FIELDS: Final = Fields(known=frozenset(ModerationBody.__struct_fields__), not_yet={})


class GuardModel(Protocol):
    """A model that judges."""

    @property
    def model(self) -> str:
        """How requests name it."""
        ...

    @property
    def guard(self) -> Guard:
        """In which form it tells its verdict."""
        ...


FindGuard = Callable[[str | None], GuardModel]
"""By what a request named. Raises ``NotAvailable``, ``ModelNotFound``, ``BadRequest``."""


def moderation_routes(
    generations: Generations, guards: FindGuard, limits: ApiLimits
) -> list[HTTPRouteHandler]:
    """The route."""

    @post(PATH, status_code=200, name=PATH)
    async def moderate(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        ignored = _FIELDS.ignored_in(body)
        asked = decode_checked(body, ModerationBody)
        guard = guards(asked.model)
        texts = texts_in(asked, most_bytes=limits.prompt_bytes)
        request_id = request_id_of(request.scope)
        judging = Moderating(
            generations,
            caller_of(request.scope),
            texts,
            model=guard.model,
            guard=guard.guard,
            request_id=request_id,
        )
        async with AsyncExitStack() as abandoned, while_connected(request.receive):
            abandoned.push_async_callback(judging.runs.aclose)
            accepted = await judging.runs.begin()
            verdicts = await judging.read_to_end()
        answer = ModerationAnswer(
            "modr-" + request_id.removeprefix("req_"), accepted.model.id, [result_of(one) for one in verdicts]
        )
        headers = {"cache-control": "no-store", **notice_header(accepted), **ignored_header(ignored)}
        return Response(msgspec.json.encode(answer), headers=headers, media_type="application/json")

    return [moderate]
