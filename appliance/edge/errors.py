"""How an error looks on the wire: ``{"error": {"message", "type", "param", "code", "request_id"}}``, but for
Anthropic's clients, who have a shape of their own.

What a foreign exception means is decided in ``foreign_errors``; here it only gets its shape. Nothing of an
exception's own text, no path of the machine and no traceback reaches a client or the log.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import LitestarException, MethodNotAllowedException
from litestar.types import Scope

from appliance.domain.log import Log
from appliance.edge import anthropic_errors
from appliance.edge.foreign_errors import as_carrel_error
from appliance.edge.noting import NobodyNotes, Noting, note_in
from appliance.edge.request_ids import request_id_of
from appliance.errors import BudgetExhausted, CarrelError, NotAuthenticated, NotAvailable, NotReady

_NOT_READY_RETRY_S = 5


class ErrorDetail(msgspec.Struct, frozen=True, kw_only=True):
    """OpenAI's error object, with all its keys always there, and the request id."""

    message: str
    type: str
    param: str | None
    code: str
    request_id: str


class ErrorBody(msgspec.Struct, frozen=True):
    """The whole body of an answer that is an error; the ``data`` of an error event in a stream."""

    error: ErrorDetail


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """Status, headers and JSON body, ready to send."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def error_json(error: CarrelError, request_id: str) -> bytes:
    """The JSON body of ``error``."""
    detail = ErrorDetail(
        message=error.message, type=error.type, param=error.param, code=error.code, request_id=request_id
    )
    return msgspec.json.encode({"error": {**msgspec.structs.asdict(detail), **error.details}})


def error_answer(error: CarrelError, request_id: str, path: str = "/") -> ErrorAnswer:
    """The whole answer to a request for ``path`` that ended in ``error``."""
    if anthropic_errors.speaks_anthropic(path):
        body = anthropic_errors.error_json(error, request_id)
        return ErrorAnswer(error.status, body, {**_headers(error), "request-id": request_id})
    return ErrorAnswer(error.status, error_json(error, request_id), _headers(error))


def exception_handler(
    log: Log,
    noting: Noting = NobodyNotes(),  # noqa: B008 - has no state
) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    """Every exception of a Litestar app: give it as ``exception_handlers={Exception: …}``. ``noting`` hears
    of those that callers meet.
    """

    def handle(request: Request[Any, Any, Any], exc: Exception) -> Response[bytes]:
        paths = (route.path for route in request.app.routes)
        answer = answer_and_log(exc, request.scope, log, known_paths=frozenset(paths), noting=noting)
        return Response(
            answer.body, status_code=answer.status, headers=answer.headers, media_type="application/json"
        )

    return handle


def answer_and_log(
    exc: Exception,
    scope: Scope,
    log: Log,
    *,
    known_paths: frozenset[str] = frozenset(),
    noting: Noting = NobodyNotes(),  # noqa: B008 - has no state
) -> ErrorAnswer:
    """Turn any exception into its answer; what is the box's own fault is logged, by type and place."""
    error = error_and_log(exc, scope, log, known_paths=known_paths)
    note_in(scope, error, noting)
    answer = error_answer(error, request_id_of(scope), scope["path"])
    exc = _unwrapped(exc)
    if isinstance(exc, MethodNotAllowedException) and exc.headers:
        answer.headers.update(exc.headers)
    return answer


def error_and_log(
    exc: Exception, scope: Scope, log: Log, *, known_paths: frozenset[str] = frozenset()
) -> CarrelError:
    """The error of our tree that any exception is; logged as ``answer_and_log`` does."""
    request_id, exc = request_id_of(scope), _unwrapped(exc)
    error = as_carrel_error(exc, path=scope["path"], known_paths=known_paths)
    if error is None:
        log.error(
            "request_broke", request_id=request_id, error=type(exc).__name__, at=_place(exc.__traceback__)
        )
        error = CarrelError("Something in the box broke. Its log has the details under this request id.")
    elif error.status >= 500:
        log.warning("request_failed", request_id=request_id, code=error.code)
    return error


def _unwrapped(exc: Exception) -> Exception:
    """The exception itself, where Litestar's layers each put one around it because the answer had begun."""
    while type(exc) is LitestarException and isinstance(exc.__cause__, Exception):
        exc = exc.__cause__
    return exc


def _headers(error: CarrelError) -> dict[str, str]:
    headers: dict[str, str] = {}
    retry_after_s = error.retry_after_s
    if retry_after_s is None and isinstance(error, NotReady):
        retry_after_s = _NOT_READY_RETRY_S
    if retry_after_s is not None:
        headers["retry-after"] = str(max(1, retry_after_s))
    if isinstance(error, NotAuthenticated):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, BudgetExhausted | NotAvailable):
        # OpenAI's clients send a 429 or 5xx again by themselves; no budget is filled by that, no part built.
        headers["x-should-retry"] = "false"
    return headers


def _place(traceback: TracebackType | None) -> str:
    """``module:line`` where the exception was raised: enough to find it, without its text."""
    place = "unknown"
    while traceback is not None:
        place = f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
