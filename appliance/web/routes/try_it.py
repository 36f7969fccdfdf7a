"""``/``: ask a model something. With scripts the browser asks the API itself; without, the form comes here
and the page goes back with the whole answer.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of
from appliance.errors import CarrelError, ClientLeft, NotAuthenticated
from appliance.web.addresses import base_url_of
from appliance.web.answers import whole_answer
from appliance.web.forms import read_form
from appliance.web.left import sentence_left
from appliance.web.offered import choices
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.questions import OneQuestion, request_for
from appliance.web.snippets import snippets
from appliance.web.visitors import Visitor, require_visitor, visitor_of

AnyRequest = Request[Any, Any, Any]


def try_it_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Three."""
    shown = _TryIt(parts, pages)

    @get("/", name="try_it")
    async def show(request: AnyRequest) -> Response[bytes]:
        if visitor_of(request.scope) is None:
            return pages.show(request, "welcome.html")
        return await shown.page(request)

    @post("/", name="try_it_ask", status_code=200)
    async def ask(request: AnyRequest) -> Response[bytes]:
        visitor = require_visitor(request.scope)
        form = await read_form(request, OneQuestion)
        try:
            return await shown.answered(request, visitor, form)
        except (ClientLeft, NotAuthenticated):
            raise
        except CarrelError as refused:
            return await shown.page(request, form, refused=refused)

    @post("/try/code", name="try_it_code", status_code=200)
    async def code(request: AnyRequest) -> Response[bytes]:
        require_visitor(request.scope)
        form = await read_form(request, OneQuestion)
        url = base_url_of(request)
        texts = snippets(url, form.model, form.prompt, form.parameters, system=form.system)
        fragment = request.headers.get("hx-request") == "true"
        return pages.show(request, "_code.html" if fragment else "code.html", snippets=texts)

    return [show, ask, code]


class _TryIt:
    def __init__(self, parts: WebParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    async def answered(self, request: AnyRequest, visitor: Visitor, form: OneQuestion) -> Response[bytes]:
        """The page with the whole answer. Whoever leaves ends it."""
        asked = request_for(form, form.model, request_id_of(request.scope))
        async with while_connected(request.receive):
            answer = await whole_answer(self._parts.answers, visitor.caller, asked, self._parts.clock)
        return await self.page(request, form, answer=answer)

    async def page(
        self,
        request: AnyRequest,
        form: OneQuestion | None = None,
        *,
        refused: CarrelError | None = None,
        answer: object = None,
    ) -> Response[bytes]:
        """The form, as it was filled in, and what came of it."""
        visitor = require_visitor(request.scope)
        parts = self._parts
        models = await choices(parts.models(visitor.caller), parts.memory)
        chosen = form.model if form is not None else next((one.id for one in models if one.usable), "")
        return self._pages.show(
            request,
            "try_it.html",
            200 if refused is None else refused.status,
            headers=retry_after(refused),
            models=models,
            chosen=(chosen,),
            form=form,
            refused=refused,
            request_id=request_id_of(request.scope),
            answer=answer,
            left=sentence_left(await parts.accounts.me(visitor.caller)),
        )


def retry_after(refused: CarrelError | None) -> dict[str, str]:
    """The header of a refusal that says when to come again."""
    if refused is None or refused.retry_after_s is None:
        return {}
    return {"retry-after": str(max(1, refused.retry_after_s))}
