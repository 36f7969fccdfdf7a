"""What an exception of Litestar means in Carrel's error tree, and which address a lost client wanted."""

from typing import Final

from litestar.exceptions import HTTPException

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

_WRONG_PREFIXES: Final = ("v1", "openai", "api")


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
    return (
        f"There is nothing at this address; did you mean {meant}? A client's base URL has to end in one /v1."
    )


def meant_path(path: str, known_paths: frozenset[str]) -> str | None:
    """The known path that is left when doubled, foreign or missing prefixes are put right."""
    parts = [part for part in path.split("/") if part]
    while parts:
        for prefix in ("/v1/", "/"):
            candidate = prefix + "/".join(parts)
            if candidate in known_paths and candidate != path:
                return candidate
        if parts[0] not in _WRONG_PREFIXES:
            return None
        parts = parts[1:]
    return None
