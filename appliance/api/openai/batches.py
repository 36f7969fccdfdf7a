"""``/v1/batches``: overnight work."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import BODY_ERRORS, Endpoint, Parameter
from appliance.api.openai.batch_shapes import BatchBody, NewBatchBody, batch_body
from appliance.api.openai.fields import Fields, ignored_header
from appliance.api.openai.files import PAGE
from appliance.api.openai.paging import ListBody, list_body, read_page
from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.callers import caller_of
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest, Conflict, NotFound, StorageUnavailable, TryAgain
from appliance.services.batches import BatchService

AnyRequest = Request[Any, Any, Any]

PATH: Final = "/v1/batches"
MOST_LISTED: Final = 100
DEFAULT_LISTED: Final = 20

_FIELDS: Final = Fields(known=frozenset(NewBatchBody.__struct_fields__), not_yet={})
_TAG: Final = "Overnight"
_BATCH_ID: Final = Parameter(
    "batch_id", "path", "The id of a batch of yours.", "batch_0123456789abcdef01234567"
)
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        _TAG,
        "Begins a batch: answers every line of a file when nobody else wants the box.",
        "The batch, which is checked next.",
        body=NewBatchBody,
        example={
            "input_file_id": "file-0123456789abcdef01234567",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
        },
        answer_shape=BatchBody,
        errors=(*BODY_ERRORS, NotFound, TryAgain, StorageUnavailable),
    ),
    Endpoint(
        "GET",
        PATH,
        _TAG,
        "Your batches.",
        "The batches, newest first.",
        answer_shape=ListBody[BatchBody],
        errors=(BadRequest, NotFound),
        parameters=PAGE,
    ),
    Endpoint(
        "GET",
        PATH + "/{batch_id}",
        _TAG,
        "One of your batches.",
        "The batch.",
        answer_shape=BatchBody,
        errors=(NotFound,),
        parameters=(_BATCH_ID,),
    ),
    Endpoint(
        "POST",
        PATH + "/{batch_id}/cancel",
        _TAG,
        "Ends a batch before its time; what is answered stays.",
        "The batch.",
        answer_shape=BatchBody,
        errors=(NotFound, Conflict, StorageUnavailable),
        parameters=(_BATCH_ID,),
    ),
)


def batch_routes(batches: BatchService, limits: BodyLimits) -> list[HTTPRouteHandler]:
    """All of them."""

    @post(PATH, status_code=200, name=PATH)
    async def begin(request: AnyRequest) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits)
        ignored = _FIELDS.ignored_in(body)
        asked = decode_checked(body, NewBatchBody)
        batch = await batches.create(
            caller_of(request.scope),
            input_file_id=asked.input_file_id,
            endpoint=asked.endpoint,
            completion_window=asked.completion_window,
            metadata=asked.metadata or {},
        )
        return _json(batch_body(batch), **ignored_header(ignored))

    @get(PATH, name="batches")
    async def list_batches(request: AnyRequest) -> Response[bytes]:
        page = read_page(request.query_params, default=DEFAULT_LISTED, most=MOST_LISTED)
        found = await batches.page(caller_of(request.scope), after=page.after, limit=page.limit + 1)
        return _json(list_body([batch_body(one) for one in found], [one.id for one in found], page))

    @get(PATH + "/{batch_id:str}", name="batch")
    async def show(request: AnyRequest) -> Response[bytes]:
        batch = await batches.get(caller_of(request.scope), request.path_params["batch_id"])
        return _json(batch_body(batch))

    @post(PATH + "/{batch_id:str}/cancel", status_code=200, name="batch_cancellation")
    async def cancel(request: AnyRequest) -> Response[bytes]:
        batch = await batches.cancel(caller_of(request.scope), request.path_params["batch_id"])
        return _json(batch_body(batch))

    return [begin, list_batches, show, cancel]


def _json(body: msgspec.Struct, **headers: str) -> Response[bytes]:
    headers = {"cache-control": "no-store", **headers}
    return Response(
        msgspec.json.encode(body), media_type="application/json", headers=headers, status_code=200
    )
