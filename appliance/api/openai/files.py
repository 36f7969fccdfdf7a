"""``/v1/files``: files for batches and from them."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import Endpoint, Parameter
from appliance.api.openai.paging import ListBody, list_body, read_page
from appliance.api.openai.uploading import receive_file
from appliance.domain.files import StoredFile
from appliance.edge.callers import caller_of
from appliance.edge.sending_files import FileContent
from appliance.edge.uploads import UploadLimits
from appliance.errors import (
    BadRequest,
    BodyTooLarge,
    Conflict,
    NotFound,
    RequestTimeout,
    StorageUnavailable,
    TryAgain,
)
from appliance.services.files import FileService

AnyRequest = Request[Any, Any, Any]

PATH: Final = "/v1/files"
MOST_LISTED: Final = 10_000


class FileBody(msgspec.Struct, frozen=True, kw_only=True):
    """One file. Times in seconds since 1970 UTC."""

    id: str
    object: str = "file"
    bytes: int
    created_at: int
    expires_at: int
    filename: str
    purpose: str
    status: str = "processed"
    status_details: None = None


class DeletedBody(msgspec.Struct, frozen=True):
    """A file that is gone."""

    id: str
    object: str = "file"
    deleted: bool = True


_TAG: Final = "Overnight"
_FILE_ID: Final = Parameter("file_id", "path", "The id of a file of yours.", "file-0123456789abcdef01234567")
PAGE: Final = (
    Parameter("limit", "query", "How many at most.", "20", {"type": "integer", "minimum": 1}),
    Parameter("after", "query", "The id behind which to begin.", ""),
)
_FORM: Final = {
    "type": "object",
    "required": ["file", "purpose"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "purpose": {"type": "string", "enum": ["batch"]},
        "expires_after[anchor]": {"type": "string", "enum": ["created_at"]},
        "expires_after[seconds]": {"type": "integer", "minimum": 3600},
    },
}
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        _TAG,
        "Sends a file of requests for a batch.",
        "The file.",
        body_media="multipart/form-data",
        body_schema=_FORM,
        answer_shape=FileBody,
        errors=(BadRequest, BodyTooLarge, RequestTimeout, TryAgain, StorageUnavailable),
    ),
    Endpoint(
        "GET",
        PATH,
        _TAG,
        "Your files.",
        "The files, newest first.",
        answer_shape=ListBody[FileBody],
        errors=(BadRequest, NotFound),
        parameters=(
            *PAGE,
            Parameter("order", "query", "asc or desc.", "desc", {"type": "string", "enum": ["asc", "desc"]}),
            Parameter("purpose", "query", "Only those of this purpose.", "batch"),
        ),
    ),
    Endpoint(
        "GET",
        PATH + "/{file_id}",
        _TAG,
        "One of your files.",
        "The file.",
        answer_shape=FileBody,
        errors=(NotFound,),
        parameters=(_FILE_ID,),
    ),
    Endpoint(
        "GET",
        PATH + "/{file_id}/content",
        _TAG,
        "What is in one of your files.",
        "Its bytes.",
        answer_media=("application/octet-stream",),
        errors=(NotFound,),
        parameters=(_FILE_ID,),
    ),
    Endpoint(
        "DELETE",
        PATH + "/{file_id}",
        _TAG,
        "Deletes one of your files.",
        "That it is gone.",
        answer_shape=DeletedBody,
        errors=(NotFound, Conflict),
        parameters=(_FILE_ID,),
    ),
)


def file_routes(files: FileService, limits: UploadLimits) -> list[HTTPRouteHandler]:
    """All of them. Only the upload's body is longer than other bodies may be."""

    @post(PATH, status_code=200, name=PATH, request_max_body_size=None)
    async def send(request: AnyRequest) -> Response[bytes]:
        async with files.uploading(caller_of(request.scope)) as upload:
            return _json(_body(await receive_file(request.scope, request.receive, upload, limits)))

    @get(PATH, name="files")
    async def list_files(request: AnyRequest) -> Response[bytes]:
        page = read_page(request.query_params, default=MOST_LISTED, most=MOST_LISTED)
        found = await files.page(
            caller_of(request.scope),
            purpose=request.query_params.get("purpose"),
            after=page.after,
            limit=page.limit + 1,
            newest_first=page.newest_first,
        )
        return _json(list_body([_body(one) for one in found], [one.id for one in found], page))

    @get(PATH + "/{file_id:str}", name="file")
    async def show(request: AnyRequest) -> Response[bytes]:
        return _json(_body(await files.get(caller_of(request.scope), request.path_params["file_id"])))

    @get(PATH + "/{file_id:str}/content", name="file_content")
    async def content(request: AnyRequest) -> Response[bytes]:
        file = await files.get(caller_of(request.scope), request.path_params["file_id"])
        return FileContent(files.content(file), file.size_bytes)

    @delete(PATH + "/{file_id:str}", name="file_deletion", status_code=200)
    async def remove(request: AnyRequest) -> Response[bytes]:
        file_id = request.path_params["file_id"]
        await files.delete(caller_of(request.scope), file_id)
        return _json(DeletedBody(file_id))

    return [send, list_files, show, content, remove]


def _body(file: StoredFile) -> FileBody:
    return FileBody(
        id=file.id,
        bytes=file.size_bytes,
        created_at=file.created_ms // 1000,
        expires_at=file.expires_ms // 1000,
        filename=file.name,
        purpose=file.purpose,
    )


def _json(body: msgspec.Struct) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(
        msgspec.json.encode(body), media_type="application/json", headers=headers, status_code=200
    )
