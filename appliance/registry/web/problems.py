"""A no as HTTP says it (RFC 9457): a problem of the protocol by its name, any other by its status alone."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response

from appliance.domain.log import Log
from appliance.edge.errors import answer_and_log
from appliance.errors import BodyTooLarge, CarrelError, StorageUnavailable
from appliance.federation.protocol.kinds import NONCE_HEADER
from appliance.federation.protocol.replies import Problem, Refused

MEDIA: Final = "application/problem+json"
_STORAGE_RETRY_S: Final = 30
_BROKEN: Final = 500
_RETRYABLE: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


def problem_response(problem: Problem, nonce: str = "") -> Response[bytes]:
    """``nonce`` is for the next message, where one can be had."""
    headers = {"cache-control": "no-store"}
    if nonce:
        headers[NONCE_HEADER] = nonce
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, headers=headers, media_type=MEDIA
    )


def known_problem(error: Exception) -> Problem | None:
    """As the protocol names it; None for what it has no name for."""
    if isinstance(error, Refused):
        return error.problem()
    if isinstance(error, BodyTooLarge):
        return Refused("too-large", error.message).problem()
    if isinstance(error, StorageUnavailable):
        words = "The registry cannot write at the moment; send it again later."
        return Refused("maintenance", words, retry_after_s=_STORAGE_RETRY_S).problem()
    if isinstance(error, CarrelError) and error.status < _BROKEN:
        return _of_status(error.status)
    return None


def exception_handler(log: Log) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    """Every exception of the app."""

    def handle(request: Request[Any, Any, Any], exc: Exception) -> Response[bytes]:
        known = known_problem(exc)
        if known is not None:
            return problem_response(known)
        answer = answer_and_log(exc, request.scope, log)
        response = problem_response(_of_status(answer.status))
        response.headers.update(answer.headers)
        return response

    return handle


def _of_status(status: int) -> Problem:
    """``about:blank`` means that the status says all (RFC 9457, 4.2.1)."""
    title = next((one.phrase for one in HTTPStatus if one == status), "Refused")
    return Problem(type="about:blank", title=title, status=status, retryable=status in _RETRYABLE)
