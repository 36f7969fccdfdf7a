"""Joining a class: the code, one's name, and one is in. The key is shown that once, for programs."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.domain.classes import CLASS_MODEL
from appliance.edge.sessions import csrf_token, set_cookie
from appliance.edge.ways import is_private
from appliance.errors import BadRequest, CarrelError, NotFound, RateLimited
from appliance.web.cards import sign_in_url
from appliance.web.class_times import left, moment, whole_moment
from appliance.web.forms import read_form
from appliance.web.joining_forms import EnvForm, JoinForm, env_file, trust_lines
from appliance.web.key_groups import key_groups
from appliance.web.navigation import navigation
from appliance.web.pages import Pages
from appliance.web.parts import Begun, Claimed, Offer, WebParts
from appliance.web.qr import qr_svg
from appliance.web.visitors import Visitor, address_of, require_visitor, visitor_of

AnyRequest = Request[Any, Any, Any]


def join_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """The page, its form, and the file."""

    @get("/join", name="join_page")
    async def page(request: AnyRequest) -> Response[bytes]:
        code = request.query_params.get("code", "")[:40]
        if not code:
            return _show(parts, pages, request)
        try:
            offer = await _look(parts, request, code)
        except CarrelError as refused:
            return _show(parts, pages, request, refused=refused)
        return _show(parts, pages, request, code, offer)

    @post("/join", name="join")
    async def join(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, JoinForm, signed_in=False)
        try:
            return await _joined(parts, pages, request, form)
        except CarrelError as refused:
            return await _again(parts, pages, request, form, refused)

    @post("/join/env", name="join_env")
    async def env(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, EnvForm)
        sitting = require_visitor(request.scope, own=True).sitting
        if sitting is None:
            raise NotFound("Your key is of no class. The page Start tells what a program needs.")
        url = parts.door.addresses(sitting.lesson)[0]
        text = env_file(
            key=form.key,
            base_url=f"{url}/v1",
            model=CLASS_MODEL,
            needs_authority=bool(_fingerprint(parts, url)),
        )
        headers = {"content-disposition": 'attachment; filename=".env"', "cache-control": "no-store"}
        return Response(text.encode(), media_type="text/plain", headers=headers)

    return [page, join, env]


async def _look(parts: WebParts, request: AnyRequest, code: str) -> Offer:
    scope = request.scope
    return await parts.joining.look(code, address_of(scope), secure=is_private(scope))


async def _joined(parts: WebParts, pages: Pages, request: AnyRequest, form: JoinForm) -> Response[bytes]:
    if form.number is None and not form.guest:
        raise BadRequest("Choose your name from the list.", param="number")
    address = address_of(request.scope)
    secure = is_private(request.scope)
    number = None if form.guest else form.number
    claimed = await parts.joining.claim(form.code, number, address, secure=secure)
    begun = await parts.sessions.begin_for(claimed.key_id, secure=secure, address=address)
    answer = _key_page(parts, pages, request, claimed, begun)
    lasts_s = (begun.session.expires_ms - begun.session.created_ms) // 1000
    answer.headers["set-cookie"] = set_cookie(request.scope, begun.cookie, lasts_s)
    return answer


async def _again(
    parts: WebParts, pages: Pages, request: AnyRequest, form: JoinForm, refused: CarrelError
) -> Response[bytes]:
    """The list as it is now, with what went wrong. Where the code itself does, another one is asked for."""
    if refused.param == "code" or isinstance(refused, RateLimited):
        return _show(parts, pages, request, refused=refused)
    try:
        offer = await _look(parts, request, form.code)
    except CarrelError:
        return _show(parts, pages, request, refused=refused)
    return _show(parts, pages, request, form.code, offer, refused=refused)


def _show(
    parts: WebParts,
    pages: Pages,
    request: AnyRequest,
    code: str = "",
    offer: Offer | None = None,
    *,
    refused: CarrelError | None = None,
) -> Response[bytes]:
    visitor = visitor_of(request.scope)
    sitting = None if visitor is None else visitor.sitting
    there = sitting is not None and offer is not None and sitting.lesson.id == offer.class_id
    now_ms = parts.clock.now_ms()
    return pages.show(
        request,
        "join.html",
        200 if refused is None else refused.status,
        headers=_retry(refused),
        code=code,
        offer=offer,
        joined=offer.title if there and offer is not None else "",
        left="" if offer is None else left(offer.ends_ms, now_ms),
        ends="" if offer is None else moment(offer.ends_ms, now_ms),
        error="" if refused is None else refused.message,
    )


def _key_page(
    parts: WebParts, pages: Pages, request: AnyRequest, claimed: Claimed, begun: Begun
) -> Response[bytes]:
    lesson = parts.classes.require(claimed.class_id)
    url = parts.door.addresses(lesson)[0]
    # The cookie comes with this answer: the page is that of somebody who has signed in.
    visitor = Visitor(begun.caller, claimed.name, begun.cookie)
    return pages.show(
        request,
        "joined.html",
        csrf=csrf_token(begun.cookie),
        visitor=visitor,
        nav=navigation(visitor, request.scope["path"]),
        name=claimed.name,
        key=claimed.secret,
        groups=key_groups(claimed.secret),
        # In an exam a seat is on one device.
        qr="" if lesson.mode == "exam" else qr_svg(sign_in_url(url, claimed.secret)),
        qr_says="Scan to sign in on your phone",
        until=whole_moment(claimed.expires_ms),
        base_url=f"{url}/v1",
        model=CLASS_MODEL,
        fingerprint=_fingerprint(parts, url),
        trust=trust_lines(url),
    )


def _fingerprint(parts: WebParts, url: str) -> str:
    """Of the box's own authority, where this address needs it to be trusted."""
    return parts.door.fingerprint() if url.startswith("https:") else ""


def _retry(refused: CarrelError | None) -> dict[str, str]:
    wait_s = None if refused is None else refused.retry_after_s
    return {} if wait_s is None else {"retry-after": str(max(1, wait_s))}
