"""Errors as pages: the sentences and codes that the API tells too, beside a way on.

A request of htmx gets them as a fragment, which stands where its answer would have stood.
"""

from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.status_codes import HTTP_404_NOT_FOUND

from appliance.domain.log import Log
from appliance.edge.errors import error_and_log
from appliance.edge.request_ids import request_id_of
from appliance.errors import NotAuthenticated, NotFound
from appliance.web.pages import Pages
from appliance.web.paths import Place, place_of
from appliance.web.visitors import SignInFirst

AnyRequest = Request[Any, Any, Any]

_TITLES: Final = {
    400: "That did not fit",
    403: "Not allowed",
    404: "Nothing here",
    405: "Not like that",
    409: "Not as things are now",
    413: "Too much at once",
    429: "A moment, please",
    503: "Not ready yet",
}


def page_errors(pages: Pages, log: Log) -> Callable[[AnyRequest, Exception], Response[bytes]]:
    """Every exception of the page app: give it as ``exception_handlers={Exception: …}``."""

    def handle(request: AnyRequest, exc: Exception) -> Response[bytes]:
        if isinstance(exc, SignInFirst):
            return to_login(request, exc.place)
        error = error_and_log(_ours(exc), request.scope, log)
        if isinstance(error, NotAuthenticated):
            return to_login(request, place_of(request.scope["path"]))
        headers = {} if error.retry_after_s is None else {"retry-after": str(max(1, error.retry_after_s))}
        if isinstance(exc, MethodNotAllowedException):
            headers |= exc.headers or {}
        return pages.show(
            request,
            "_error.html" if is_htmx(request) else "error.html",
            error.status,
            headers=headers,
            title=_TITLES.get(error.status, "Something broke"),
            error=error,
            request_id=request_id_of(request.scope),
        )

    return handle


def _ours(exc: Exception) -> Exception:
    """The router's 404 in the words of a page: the API's are about base URLs."""
    if isinstance(exc, HTTPException) and exc.status_code == HTTP_404_NOT_FOUND:
        return NotFound("There is no page at this address.")
    return exc


def to_login(request: AnyRequest, place: Place) -> Response[bytes]:
    """Off to the page where a key is asked for."""
    return to_page(request, f"/login?to={place}")


def to_page(request: AnyRequest, path: str) -> Response[bytes]:
    """Off to another page of ours: what every form that changed something answers. htmx would put that page
    into the middle of this one, and is told to go there itself.
    """
    if is_htmx(request):
        return Response(b"", status_code=200, media_type=MediaType.HTML, headers={"hx-redirect": path})
    return Response(b"", status_code=303, media_type=MediaType.HTML, headers={"location": path})


def is_htmx(request: AnyRequest) -> bool:
    """Whether the answer will be put into a page that is there."""
    return request.headers.get("hx-request") == "true"
