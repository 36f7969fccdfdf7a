"""A blind vote of a class, begun and ended by its lead. Students vote on the page Compare."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from appliance.errors import BadRequest, CarrelError
from appliance.web.acting import act
from appliance.web.errors import to_page
from appliance.web.forms import read_form
from appliance.web.lesson_forms import Model
from appliance.web.teaching import Teaching

AnyRequest = Request[Any, Any, Any]


class PollForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question for two models, or the end of the vote."""

    what: Literal["begin", "end"]
    prompt: Annotated[str, Meta(max_length=2000)] = ""
    a: Model = ""
    b: Model = ""
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 1


def class_poll_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """One form."""

    @post("/teach/{class_id:str}/poll", name="teach_poll")
    async def poll(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, PollForm)
        try:
            did = await _asked(request, class_id, form)
        except CarrelError as refused:
            return await teaching.show(request, class_id, error=refused)
        return to_page(request, f"/teach/{class_id}?did={did}")

    return [poll]


async def _asked(request: AnyRequest, class_id: str, form: PollForm) -> str:
    if form.what == "end":
        await act(request, "class.poll", {"name": class_id, "end": True})
        return "voted"
    if not form.prompt:
        # Without one the action would only tell how the last vote stands.
        raise BadRequest("Write what both models are asked.", param="prompt")
    question = {"prompt": form.prompt, "a": form.a, "b": form.b, "seed": form.seed}
    await act(request, "class.poll", {"name": class_id, **question})
    return "voting"
