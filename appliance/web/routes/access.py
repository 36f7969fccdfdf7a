"""``/access``: which models one may use, why not, and what one does about it: sign, accept, apply, follow."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from appliance.domain.results import ApplicationList, ApplicationPreview, ApplicationSummary
from appliance.web.acting import act, action_of
from appliance.web.action_forms import fields_of, form_of
from appliance.web.errors import to_page
from appliance.web.forms import read_form
from appliance.web.own_access import access_lines
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.visitors import require_visitor

AnyRequest = Request[Any, Any, Any]

_APPLY: Final = "access.apply"
_APPLY_FIELDS: Final = ("affiliation", "intended_use", "publications", "days")
_Text = Annotated[str, Meta(min_length=1, max_length=200)]


class OneApplication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application; ``model`` where it is for a tier, ``sha256`` of the bytes that are agreed to."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    model: _Text | None = None
    sha256: Annotated[str, Meta(min_length=64, max_length=64)] | None = None


class SignForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``text`` is the hash of what was read."""

    text: Annotated[str, Meta(min_length=64, max_length=64)]
    read: bool
    purpose: Annotated[str, Meta(max_length=2000)] | None = None


class LicenseForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accepts one."""

    model: _Text
    text_sha256: Annotated[str, Meta(min_length=64, max_length=64)]
    purpose: Annotated[str, Meta(min_length=1, max_length=500)]


class OneModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model."""

    model: _Text


def access_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """All of it; whoever is suspended sees how they stand too."""
    return [
        *_overview(parts, pages),
        *_signing(parts, pages),
        *_licenses(parts, pages),
        *_applying(parts, pages),
        *_following(pages),
    ]


def _overview(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    @get("/access", name="access")
    async def show(request: AnyRequest) -> Response[bytes]:
        visitor = require_visitor(request.scope, own=True)
        me = await parts.accounts.me(visitor.caller)
        licenses = await parts.licenses.show_all(visitor.caller)
        mine = ApplicationList(applications=())
        if visitor.is_person:
            mine = await act(request, "access.mine", {})
        waiting = {one.model for one in mine.applications if one.state == "open"}
        return pages.show(
            request,
            "access.html",
            lines=access_lines(parts.models(visitor.caller), me.access, licenses, waiting),
            licenses=licenses,
            applications=mine.applications,
        )

    return [show]


def _signing(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    @get("/access/conduct", name="access_conduct")
    async def show(request: AnyRequest) -> Response[bytes]:
        visitor = require_visitor(request.scope, own=True)
        text = await act(request, "agreement.show", {"kind": "conduct"})
        me = await parts.accounts.me(visitor.caller)
        asks_purpose = bool(visitor.leads) and not me.project.purpose
        return pages.show(request, "conduct.html", text=text, project=me.project, asks_purpose=asks_purpose)

    @post("/access/sign", name="access_sign")
    async def sign(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, SignForm)
        await act(request, "agreement.sign", {"text": form.text, "purpose": form.purpose})
        return to_page(request, "/access")

    return [show, sign]


def _licenses(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    @get("/access/license", name="access_license")
    async def show(request: AnyRequest) -> Response[bytes]:
        visitor = require_visitor(request.scope, own=True)
        wanted = request.query_params.get("model", "").partition("@")[0]
        found = [one for one in await parts.licenses.show_all(visitor.caller) if one.model == wanted]
        if not found:
            return to_page(request, "/access")
        return pages.show(request, "license.html", one=found[0])

    @post("/access/license", name="access_accept")
    async def accept(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, LicenseForm)
        caller = require_visitor(request.scope).caller
        await parts.licenses.accept(
            caller, model=form.model, text_sha256=form.text_sha256, purpose=form.purpose
        )
        return to_page(request, "/access")

    @post("/access/license/withdraw", name="access_withdraw_license")
    async def withdraw(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, OneModel)
        await parts.licenses.withdraw(require_visitor(request.scope, own=True).caller, model=form.model)
        return to_page(request, "/access")

    return [show, accept, withdraw]


def _applying(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    @get("/access/apply", name="access_apply_page")
    async def show(request: AnyRequest) -> Response[bytes]:
        require_visitor(request.scope)
        text = await act(request, "agreement.show", {"kind": "access"})
        fields = fields_of(action_of(parts, _APPLY), *_APPLY_FIELDS)
        model = request.query_params.get("model", "")[:200].partition("@")[0]
        return pages.show(request, "apply.html", text=text, fields=fields, model=model)

    @post("/access/apply", name="access_apply")
    async def apply(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, form_of(action_of(parts, _APPLY)))
        made: ApplicationSummary = await act(request, _APPLY, msgspec.structs.asdict(form))
        return to_page(request, f"/access/application?id={made.id}")

    return [show, apply]


def _following(pages: Pages) -> list[HTTPRouteHandler]:
    async def application(
        request: AnyRequest, id: str, preview: ApplicationPreview | None
    ) -> Response[bytes]:
        one: ApplicationSummary = await act(request, "access.show", {"id": id})
        return pages.show(request, "application.html", one=one, preview=preview)

    @get("/access/application", name="access_application")
    async def show(request: AnyRequest) -> Response[bytes]:
        require_visitor(request.scope, own=True)
        return await application(request, request.query_params.get("id", "-")[:64] or "-", None)

    @post("/access/withdraw", name="access_withdraw")
    async def withdraw(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, OneApplication)
        await act(request, "access.withdraw", {"id": form.id})
        return to_page(request, "/access")

    # The preview stores what it shows, so that nothing else can leave: therefore no GET.
    @post("/access/preview", name="access_preview", status_code=200)
    async def preview(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, OneApplication)
        found = await act(request, "access.preview", {"id": form.id, "model": form.model})
        return await application(request, form.id, found)

    @post("/access/agree", name="access_agree", status_code=200)
    async def agree(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, OneApplication)
        given = {"id": form.id, "model": form.model, "sha256": form.sha256}
        return await application(request, form.id, await act(request, "access.agree", given))

    return [show, withdraw, preview, agree]
