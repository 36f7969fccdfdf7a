"""Writes pages from templates: ours alone, escaped everywhere, with what every page shows."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.enums import MediaType

from appliance.domain.classes import SchoolClass
from appliance.edge.sessions import csrf_token
from appliance.edge.ways import is_private
from appliance.web import filters
from appliance.web.assets import Assets
from appliance.web.navigation import navigation
from appliance.web.parts import WebParts
from appliance.web.visitors import Visitor, visitor_of

AnyRequest = Request[Any, Any, Any]

_TEMPLATES: Final = Path(__file__).with_name("templates")


class Pages:
    """``show`` is the one way to an answer in HTML. A template whose name begins with ``_`` is a fragment:
    it has no layout, and takes the place of a part of a page.
    """

    def __init__(self, parts: WebParts, assets: Assets) -> None:
        self._parts = parts
        self._assets = assets
        self._templates = page_templates(assets)

    @property
    def assets(self) -> Assets:
        """The files that pages load."""
        return self._assets

    def show(
        self,
        request: AnyRequest,
        template: str,
        status: int = 200,
        *,
        headers: dict[str, str] | None = None,
        **context: object,
    ) -> Response[bytes]:
        """A page, or a fragment of one. ``context`` is what the template calls it."""
        html = self._templates.get_template(template).render({**self._around(request), **context})
        return Response(
            html.encode("utf-8", "replace"),
            status_code=status,
            media_type=MediaType.HTML,
            headers=headers or {},
        )

    def _around(self, request: AnyRequest) -> dict[str, object]:
        visitor, outside = visitor_of(request.scope), self._parts.outside
        return {
            "visitor": visitor,
            "csrf": "" if visitor is None else csrf_token(visitor.cookie),
            "nav": navigation(visitor, request.scope["path"]),
            "path": request.scope["path"],
            "box": self._parts.naming.box,
            "version": self._parts.naming.version,
            "offline": outside.offline,
            "because": outside.because() if outside.offline else (),
            "in_the_clear": not is_private(request.scope),
            "now_ms": self._parts.clock.now_ms(),
            **self._of_class(visitor),
        }

    def _of_class(self, visitor: Visitor | None) -> dict[str, object]:
        lesson = _lesson(self._parts, visitor)
        if lesson is None:
            return {"lesson": None, "lesson_state": "", "lesson_message": ""}
        return {
            "lesson": lesson,
            "lesson_state": lesson.state(self._parts.clock.now_ms()),
            "lesson_message": lesson.message,
        }


def _lesson(parts: WebParts, visitor: Visitor | None) -> SchoolClass | None:
    """As it is now: a visitor's was found when the request began."""
    if visitor is None or visitor.sitting is None:
        return None
    return parts.classes.find(visitor.sitting.lesson.id)


def page_templates(assets: Assets) -> Environment:
    """Ours, escaped everywhere; whatever a template names has to be given."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        moment=filters.moment,
        number=filters.number,
        credits=filters.credits_of,
        span=filters.span,
        said=filters.said,
    )
    made.globals["asset"] = assets.url
    return made
