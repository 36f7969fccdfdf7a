"""``/me``: what is somebody's own. The same numbers as ``GET /v1/me``, and what they can do about them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from appliance.domain.results import KeyIssued, KeyList, KeySummary
from appliance.domain.results.samples import SampleChoice
from appliance.edge.request_ids import request_id_of
from appliance.errors import CarrelError, NotAuthenticated
from appliance.web.acting import act, action_of
from appliance.web.action_forms import fields_of, form_of
from appliance.web.errors import to_page
from appliance.web.forms import read_form
from appliance.web.own_account import bars, rates, week, week_begins_ms
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.visitors import Visitor, require_visitor

AnyRequest = Request[Any, Any, Any]

Answer = Annotated[str, Meta(pattern=r"^(yes|no)\Z")]


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key of one's own."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    expires_days: Annotated[int, Meta(ge=1, le=3650)] | None = None


class OneKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key, by its id."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer about spot checks."""

    answer: Answer


def me_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Seven."""
    page = _OwnPage(parts, pages)

    @get("/me", name="me")
    async def show(request: AnyRequest) -> Response[bytes]:
        return await page.show(request)

    @post("/me/keys", name="me_new_key", status_code=200)
    async def new_key(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, NewKey)
        return await page.after(request, lambda: page.made_key(request, form))

    @post("/me/keys/revoke", name="me_revoke_key")
    async def revoke(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, OneKey)
        return await page.doing(request, "key.revoke", {"id": form.id}, "keys")

    @post("/me/budget", name="me_ask_budget")
    async def ask(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, form_of(action_of(parts, "budget.request")))
        return await page.doing(request, "budget.request", msgspec.structs.asdict(form), "budget")

    @post("/me/samples/refuse", name="me_refuse_samples")
    async def refuse(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, Choice)
        return await page.doing(request, "sample.refuse", {"answer": form.answer}, "recorded")

    @post("/me/samples/consent", name="me_consent_samples")
    async def consent(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, Choice)
        return await page.doing(request, "sample.consent", {"answer": form.answer}, "recorded")

    @get("/me/export.json", name="me_export")
    async def export(request: AnyRequest) -> Response[bytes]:
        body = msgspec.json.format(msgspec.json.encode(await act(request, "person.export", {})), indent=2)
        headers = {"content-disposition": 'attachment; filename="carrel-about-me.json"'}
        return Response(body, media_type="application/json", headers=headers)

    return [show, new_key, revoke, ask, refuse, consent, export]


class _OwnPage:
    def __init__(self, parts: WebParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    async def show(
        self,
        request: AnyRequest,
        *,
        refused: CarrelError | None = None,
        issued: KeyIssued | None = None,
    ) -> Response[bytes]:
        """The page; above it what was refused, or the key that was just made."""
        visitor = require_visitor(request.scope, own=True)
        me = await self._parts.accounts.me(visitor.caller)
        now_ms = self._parts.clock.now_ms()
        used = await self._parts.days.own_days(visitor.caller, week_begins_ms(now_ms))
        return self._pages.show(
            request,
            "me.html",
            200 if refused is None else refused.status,
            me=me,
            bars=bars(me),
            rates=rates(me.limits),
            days=week(used, now_ms),
            troubles=self._parts.troubles.of_key(visitor.caller.key_id),
            keys=await self._keys(request, visitor),
            choice=await self._choice(request, visitor),
            budget_fields=fields_of(action_of(self._parts, "budget.request"), "credits", "reason", "whose"),
            error=refused,
            request_id=request_id_of(request.scope),
            issued=issued,
        )

    async def after(
        self, request: AnyRequest, do: Callable[[], Awaitable[Response[bytes]]]
    ) -> Response[bytes]:
        """What is done, or the page again with why it was not."""
        try:
            return await do()
        except NotAuthenticated:
            raise
        except CarrelError as refused:
            return await self.show(request, refused=refused)

    async def doing(
        self, request: AnyRequest, name: str, arguments: dict[str, object], back: str
    ) -> Response[bytes]:
        """An action, and back to the part of the page that shows what it did."""

        async def do() -> Response[bytes]:
            await act(request, name, arguments)
            return to_page(request, f"/me#{back}")

        return await self.after(request, do)

    async def made_key(self, request: AnyRequest, form: NewKey) -> Response[bytes]:
        """A new key, shown in this answer and nowhere else."""
        issued = await act(request, "key.new", {"name": form.name, "expires_days": form.expires_days})
        return await self.show(request, issued=issued)

    async def _keys(self, request: AnyRequest, visitor: Visitor) -> Sequence[KeySummary] | None:
        """None for a key of nobody in particular: whose keys it has is not its business."""
        if not visitor.is_person:
            return None
        listed: KeyList = await act(request, "key.list", {})
        return [one for one in listed.keys if one.state == "active"]

    async def _choice(self, request: AnyRequest, visitor: Visitor) -> SampleChoice | None:
        if not visitor.is_person:
            return None
        choice: SampleChoice = await act(request, "sample.choice", {})
        return choice
