"""`carrel help`: pages of the handbook, which lie in the package."""

import difflib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from appliance.cli.desk import Desk
from appliance.domain.results import HandbookPage
from appliance.errors import NotFound

_SUFFIX: Final = ".md"


def page(_desk: Desk, *, topic: str | None) -> HandbookPage:
    """A page, or the list of pages. Raises ``NotFound`` with the nearest topic."""
    pages = _pages()
    topics = tuple(sorted(pages))
    if topic is None:
        return HandbookPage(topic="", text="", topics=topics)
    name = topic.lower().removesuffix(_SUFFIX)
    if name not in pages:
        near = difflib.get_close_matches(name, topics, n=1)
        hint = f"did you mean `carrel help {near[0]}`?" if near else "`carrel help` lists the pages."
        raise NotFound(f"The handbook has no page of that name; {hint}", param="topic")
    return HandbookPage(topic=name, text=pages[name].read_text(encoding="utf-8"), topics=topics)


def _pages() -> dict[str, Traversable]:
    folder = resources.files("appliance") / "handbook"
    return {one.name.removesuffix(_SUFFIX): one for one in folder.iterdir() if one.name.endswith(_SUFFIX)}


HANDLERS: Final = {"help": page}
