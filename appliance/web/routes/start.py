"""``/start``: the first call in a minute, in whatever language somebody works in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.domain.classes import CLASS_MODEL
from appliance.domain.me import Me
from appliance.web.addresses import base_url_of, origin_of
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.snippets import authority_snippet, editor_snippet, key_snippet, snippets
from appliance.web.visitors import require_visitor, visitor_of

AnyRequest = Request[Any, Any, Any]

_PROMPT: Final = "Say hello in one sentence."
_NO_MODEL: Final = "MODEL"


@dataclass(frozen=True, slots=True)
class _Chosen:
    model: str
    usable: Sequence[str]


def start_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Two. Who has not signed in yet reads it too, with a word in the place of the model."""

    @get("/start", name="start")
    async def show(request: AnyRequest) -> Response[bytes]:
        return _page(request, parts, pages, None)

    @get("/start/test", name="start_test")
    async def test(request: AnyRequest) -> Response[bytes]:
        visitor = require_visitor(request.scope, own=True)
        return _page(request, parts, pages, await parts.accounts.me(visitor.caller))

    return [show, test]


def _page(request: AnyRequest, parts: WebParts, pages: Pages, me: Me | None) -> Response[bytes]:
    base_url, chosen = base_url_of(request), _choose(request, parts)
    return pages.show(
        request,
        "start.html",
        base_url=base_url,
        models=chosen.usable,
        model=chosen.model,
        key_lines=key_snippet(base_url),
        snippets=(
            *snippets(base_url, chosen.model, _PROMPT),
            editor_snippet(base_url, chosen.model),
        ),
        authority=_authority(request, parts),
        me=me,
    )


def _choose(request: AnyRequest, parts: WebParts) -> _Chosen:
    visitor = visitor_of(request.scope)
    if visitor is None:
        return _Chosen(_NO_MODEL, ())
    usable = [one.id for one in parts.models(visitor.caller) if one.usable and one.chats]
    wished = request.query_params.get("model", CLASS_MODEL)
    first = usable[0] if usable else _NO_MODEL
    return _Chosen(wished if wished in usable else first, usable)


def _authority(request: AnyRequest, parts: WebParts) -> str:
    """Empty where nothing is to be trusted by hand."""
    if request.scope["scheme"] != "https" or not parts.authority():
        return ""
    return authority_snippet(origin_of(request), parts.door.fingerprint())
