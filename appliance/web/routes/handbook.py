"""``/handbook``: the text of ``carrel help``, with a table of contents and a search over titles."""

import asyncio
from functools import cache, partial
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.web.handbook import read_handbook
from appliance.web.pages import Pages
from appliance.web.parts import WebParts

AnyRequest = Request[Any, Any, Any]

_AN_HOUR: Final = "public, max-age=3600"
_MOST_ASKED: Final = 100
"""Characters of a search."""


def handbook_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Three. The handbook is for everybody: it says nothing of this very box. It is read when somebody first
    asks for a page, in a thread: reading it takes longer than others may be held up.
    """
    read = cache(partial(read_handbook, parts.naming.handbook))

    @get("/handbook", name="handbook")
    async def contents(request: AnyRequest) -> Response[bytes]:
        asked = str(request.query_params.get("q", ""))[:_MOST_ASKED].strip()
        handbook = await asyncio.to_thread(read)
        found = handbook.search(asked) if asked else None
        return pages.show(request, "handbook.html", asked=asked, found=found, all=handbook.pages)

    @get("/handbook/{page:str}", name="handbook_page")
    async def page(request: AnyRequest) -> Response[bytes]:
        handbook = await asyncio.to_thread(read)
        text = handbook.page(request.path_params["page"])
        return pages.show(request, "handbook_page.html", text=text, all=handbook.pages)

    @get("/handbook/pictures/{name:str}", name="handbook_picture")
    async def picture(request: AnyRequest) -> Response[bytes]:
        handbook = await asyncio.to_thread(read)
        body = await asyncio.to_thread(handbook.picture, request.path_params["name"])
        return Response(body, media_type="image/png", headers={"cache-control": _AN_HOUR})

    return [contents, page, picture]
