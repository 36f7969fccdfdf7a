"""``/compare``: the same question to several models. With scripts each answer is a stream of its own from the
API; without, the form comes here and the page goes back with all of them.
"""

import secrets
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of
from appliance.errors import BadRequest
from appliance.web.comparing import LETTERS, Column, answered_columns
from appliance.web.forms import read_form
from appliance.web.left import sentence_left
from appliance.web.offered import choices
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.polling import polls_for
from appliance.web.questions import MOST_COMPARED, ComparedQuestion, compared, request_for
from appliance.web.visitors import require_visitor

AnyRequest = Request[Any, Any, Any]

_SEEDS: Final = 2**32


def compare_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Two."""
    shown = _Compare(parts, pages)

    @get("/compare", name="compare")
    async def show(request: AnyRequest) -> Response[bytes]:
        return await shown.page(request)

    @post("/compare", name="compare_ask", status_code=200)
    async def ask(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, ComparedQuestion)
        try:
            models = compared(form)
        except BadRequest as refused:
            return await shown.page(request, form, refused=refused)
        return await shown.page(request, form, columns=await shown.columns(request, form, models))

    return [show, ask]


class _Compare:
    def __init__(self, parts: WebParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    async def columns(
        self, request: AnyRequest, form: ComparedQuestion, models: tuple[str, ...]
    ) -> tuple[Column, ...]:
        """All answers; in an order by chance where they are to be hidden. Whoever leaves ends them."""
        caller = require_visitor(request.scope).caller
        order = list(models)
        if form.blind:
            secrets.SystemRandom().shuffle(order)
        request_id = request_id_of(request.scope)
        seeded = (
            form if form.seed is not None else msgspec.structs.replace(form, seed=secrets.randbelow(_SEEDS))
        )
        requests = [request_for(seeded, one, f"{request_id}-{place}") for place, one in enumerate(order)]
        async with while_connected(request.receive):
            return await answered_columns(self._parts.answers, caller, requests, self._parts.clock)

    async def page(
        self,
        request: AnyRequest,
        form: ComparedQuestion | None = None,
        *,
        columns: tuple[Column, ...] = (),
        refused: BadRequest | None = None,
    ) -> Response[bytes]:
        """The form as it was filled in, the answers, and what classes vote on."""
        visitor, parts = require_visitor(request.scope), self._parts
        models = await choices(parts.models(visitor.caller), parts.memory)
        chosen = form.model if form is not None else tuple(one.id for one in models if one.usable)[:2]
        return self._pages.show(
            request,
            "compare.html",
            200 if refused is None else refused.status,
            models=models,
            known={one.id: one for one in models},
            chosen=(*chosen, *[""] * MOST_COMPARED)[:MOST_COMPARED],
            letters=LETTERS,
            form=form,
            blind=form is not None and bool(form.blind),
            refused=refused,
            request_id=request_id_of(request.scope),
            columns=columns,
            left=sentence_left(await parts.accounts.me(visitor.caller)),
            polls=polls_for(visitor, parts),
        )
