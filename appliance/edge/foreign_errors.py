"""What an exception of Litestar means in Carrel's error tree."""

from litestar.exceptions import HTTPException

from appliance.edge.lost_paths import meant_path
from appliance.errors import (
    BadRequest,
    BodyTooLarge,
    CarrelError,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotReady,
    TryAgain,
)


def as_carrel_error(exc: Exception, *, path: str, known_paths: frozenset[str]) -> CarrelError | None:
    """The error of our tree for ``exc``, or None when it is nobody's deliberate refusal.

    Litestar's own sentences are not passed on: they can quote the request.
    """
    if isinstance(exc, CarrelError):
        return exc
    if not isinstance(exc, HTTPException):
        return None
    if exc.status_code == 404:
        return NotFound(_nothing_here(path, known_paths))
    return _of_status(exc.status_code)


def _of_status(status: int) -> CarrelError | None:
    known: dict[int, CarrelError] = {
        401: NotAuthenticated("Send a key: `Authorization: Bearer crl_...`."),
        403: NotAllowed("This caller may not do that."),
        405: MethodNotAllowed("This address does not take that HTTP method."),
        413: BodyTooLarge("The body is too large."),
        429: TryAgain("Too many requests; wait and send it again."),
        503: NotReady("The box is not ready for this; send it again in a moment."),
    }
    if 400 <= status < 500:
        return known.get(status, BadRequest("The request is not valid HTTP for this address."))
    return known.get(status)


def _nothing_here(path: str, known_paths: frozenset[str]) -> str:
    meant = meant_path(path, known_paths)
    if meant is None:
        return "There is nothing at this address."
    return f"There is nothing at this address; did you mean {meant}? {_about_base_url(meant)}"


def _about_base_url(meant: str) -> str:
    if meant.startswith("/v1/messages"):
        return "A client of the Anthropic shapes adds /v1 itself: its base URL ends before it."
    return "A client's base URL has to end in one /v1."
