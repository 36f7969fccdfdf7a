"""Signing in by exchanging a key for a session, signing out, and what a class says meanwhile."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from appliance.edge.request_ids import request_id_of
from appliance.edge.sessions import drop_cookie, set_cookie
from appliance.edge.ways import is_private
from appliance.errors import CarrelError, NotAllowed, NotAuthenticated, RateLimited
from appliance.services.classes.attempts import Attempts
from appliance.web.errors import to_page
from appliance.web.forms import Empty, read_form
from appliance.web.pages import Pages
from appliance.web.parts import Begun, WebParts
from appliance.web.paths import path_of
from appliance.web.visitors import address_of, require_visitor, visitor_of

AnyRequest = Request[Any, Any, Any]


_FROM_ONE_ADDRESS: Final = 60
"""A minute: a whole class may sit behind one address, and types keys from cards."""
_IN_ALL: Final = 600
_TOO_MANY: Final = "Too many wrong keys were typed here; look at the key again and try in a minute."


class LoginForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key, and the name of the place to go on to."""

    key: Annotated[str, Meta(max_length=200)] = ""
    to: Annotated[str, Meta(max_length=20)] = "try"


def signing_in_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Four."""
    attempts = Attempts(parts.clock, from_one=_FROM_ONE_ADDRESS, in_all=_IN_ALL, says=_TOO_MANY)

    @get("/login", name="login_page")
    async def show(request: AnyRequest) -> Response[bytes]:
        return _page(request, pages, request.query_params.get("to", "try"))

    @post("/login", name="login")
    async def login(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, LoginForm, signed_in=False)
        try:
            begun = await _begin(parts, attempts, request, form.key)
        except (NotAuthenticated, NotAllowed, RateLimited) as refused:
            return _page(request, pages, form.to, refused)
        return signed_in(request, begun, path_of(form.to))

    @post("/logout", name="logout")
    async def logout(request: AnyRequest) -> Response[bytes]:
        visitor = visitor_of(request.scope)
        if visitor is not None:
            await read_form(request, Empty)
            await parts.sessions.end(visitor.cookie)
        answer = to_page(request, "/login")
        answer.headers["set-cookie"] = drop_cookie(request.scope)
        return answer

    @get("/_class", name="class_words")
    async def class_words(request: AnyRequest) -> Response[bytes]:
        require_visitor(request.scope, own=True)
        return pages.show(request, "_class.html")

    return [show, login, logout, class_words]


def signed_in(request: AnyRequest, begun: Begun, path: str) -> Response[bytes]:
    """Off to ``path`` with a session that has just begun."""
    answer = to_page(request, path)
    lasts_s = (begun.session.expires_ms - begun.session.created_ms) // 1000
    answer.headers["set-cookie"] = set_cookie(request.scope, begun.cookie, lasts_s)
    return answer


async def _begin(parts: WebParts, attempts: Attempts, request: AnyRequest, typed: str) -> Begun:
    # A card shows it in groups, and some type the blanks too.
    key = "".join(typed.split())
    if not key:
        raise NotAuthenticated("Give a key: it begins with crl_.")
    address = address_of(request.scope)
    attempts.check(address)
    try:
        return await parts.sessions.begin(key, secure=is_private(request.scope), address=address)
    except NotAuthenticated:
        attempts.missed(address)
        raise


def _page(request: AnyRequest, pages: Pages, to: str, refused: CarrelError | None = None) -> Response[bytes]:
    """The key itself is never written back into the page."""
    place = to if path_of(to) != path_of("") else "try"
    return pages.show(
        request,
        "login.html",
        200 if refused is None else refused.status,
        headers=_retry(refused),
        to=place,
        error=refused,
        request_id=request_id_of(request.scope),
    )


def _retry(refused: CarrelError | None) -> dict[str, str]:
    wait_s = None if refused is None else refused.retry_after_s
    return {} if wait_s is None else {"retry-after": str(max(1, wait_s))}
