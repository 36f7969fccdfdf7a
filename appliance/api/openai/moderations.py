"""``POST /v1/moderations``: the shape is read, and the answer is that nothing here looks at it.

An answer that calls every text harmless would be believed.
"""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from appliance.api.documentation.endpoint import BODY_ERRORS, Endpoint
from appliance.api.openai.fields import Fields
from appliance.api.openai.routes import ApiLimits
from appliance.api.openai.wire import ModelName
from appliance.edge.bodies import read_body
from appliance.edge.decoding import decode_checked
from appliance.errors import NotAvailable

PATH: Final = "/v1/moderations"


class ModeratedPart(msgspec.Struct, frozen=True):
    """One part of what is to be looked at."""

    type: str
    text: str | None = None


class ModerationBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole body."""

    input: str | Annotated[list[str | ModeratedPart], Meta(min_length=1, max_length=128)]
    model: ModelName | None = None


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        "Texts",
        "Would say whether texts are harmful. This box has nothing that does.",
        "Never given: the box has no moderation model.",
        body=ModerationBody,
        example={"input": "A text to look at"},
        errors=(*BODY_ERRORS, NotAvailable),
    ),
)
_FIELDS: Final = Fields(known=frozenset(ModerationBody.__struct_fields__), not_yet={})


def moderation_routes(limits: ApiLimits) -> list[HTTPRouteHandler]:
    """The route."""

    @post(PATH, status_code=200, name=PATH)
    async def moderate(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        _FIELDS.ignored_in(body)
        decode_checked(body, ModerationBody)
        raise NotAvailable(
            "This box has no moderation model, so nothing was looked at. Do not take this for a verdict."
        )

    return [moderate]
