"""The handbook as pages: the very text that ``carrel help`` prints, read once.

No HTML of the text counts as HTML, no image is shown but the handbook's own pictures, and its pages are the
files that were there then.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from appliance.errors import NotFound

_PAGE_LINK: Final = re.compile(r"([a-z0-9-]+)\.md(#[a-z0-9_-]+)?\Z")
_PICTURE: Final = re.compile(r"pictures/([a-z0-9-]+\.png)\Z")
_NOT_IN_ANCHORS: Final = re.compile(r"[^a-z0-9 _-]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A place in a page. ``level`` is 2 or 3."""

    level: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class HandbookText:
    """One page. ``html`` is safe as it is."""

    name: str
    title: str
    html: Markup
    headings: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page whose title, or some of whose headings, hold every word that was asked for."""

    name: str
    title: str
    headings: tuple[Heading, ...]


class Handbook:
    """All pages, by name."""

    def __init__(self, pages: Mapping[str, HandbookText], pictures: Mapping[str, Path] = {}) -> None:
        self._pages = dict(pages)
        self._pictures = dict(pictures)

    @property
    def pages(self) -> Sequence[HandbookText]:
        """By title."""
        return sorted(self._pages.values(), key=lambda one: one.title.lower())

    def page(self, name: str) -> HandbookText:
        """Raises ``NotFound``."""
        found = self._pages.get(name)
        if found is None:
            raise NotFound("The handbook has no page of that name; its first page lists them all.")
        return found

    def picture(self, name: str) -> bytes:
        """A PNG. Raises ``NotFound``."""
        found = self._pictures.get(name)
        if found is None:
            raise NotFound("The handbook has no picture of that name.")
        return found.read_bytes()

    def search(self, words: str) -> Sequence[Found]:
        """Over titles and headings, in any order of the words."""
        wanted = words.lower().split()
        found = [
            Found(one.name, one.title, tuple(_fitting(one, wanted)))
            for one in self.pages
            if wanted and (_holds(one.title, wanted) or any(_fitting(one, wanted)))
        ]
        return sorted(found, key=lambda one: not _holds(one.title, wanted))


def read_handbook(folder: Path) -> Handbook:
    """Every page in a folder, and the pictures beside them."""
    reader = _reader()
    pages = {path.stem: _read(reader, path) for path in sorted(folder.glob("*.md"))}
    return Handbook(pages, {path.name: path for path in folder.glob("pictures/*.png")})


def _fitting(page: HandbookText, wanted: Sequence[str]) -> Iterator[Heading]:
    """Those that hold every word, with the title's help where the title alone does not."""
    title = "" if _holds(page.title, wanted) else page.title
    return (one for one in page.headings if _holds(f"{title} {one.title}", wanted))


def _holds(text: str, wanted: Sequence[str]) -> bool:
    return all(word in text.lower() for word in wanted)


def _read(reader: MarkdownIt, path: Path) -> HandbookText:
    tokens = reader.parse(path.read_text(encoding="utf-8"))
    headings = list(_anchored(tokens))
    title = next((one.title for one in headings if one.level == 1), path.stem)
    html = reader.renderer.render(tokens, reader.options, {})
    below = tuple(one for one in headings if one.level in {2, 3})
    # Written by the renderer below, which escapes all text.
    return HandbookText(path.stem, title, Markup(html), below)  # noqa: S704 # nosec B704


def _anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Gives every heading an anchor, as the links of the handbook have them."""
    seen: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            title = _plain(tokens[at + 1])
            anchor = anchor_of(title)
            seen[anchor] = seen.get(anchor, -1) + 1
            anchor = f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
            token.attrSet("id", anchor)
            yield Heading(int(token.tag[1:]), title, anchor)


def anchor_of(title: str) -> str:
    """As GitHub makes one of a heading, which is how the text is read elsewhere."""
    return _NOT_IN_ANCHORS.sub("", title.lower()).replace(" ", "-")


def _plain(inline: Token) -> str:
    return "".join(one.content for one in inline.children or () if one.type in {"text", "code_inline"})


def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}, renderer_cls=_AsPage).enable("table")


class _AsPage(RendererHTML):
    """What scrolls sideways gets the focus, so that it is reached by keyboard."""

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Links between pages lead to their paths."""
        token = tokens[idx]
        target = str(token.attrGet("href") or "")
        if page := _PAGE_LINK.match(target):
            token.attrSet("href", f"/handbook/{page[1]}{page[2] or ''}")
        elif not target.startswith("#"):
            token.attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The handbook's own pictures; of any other only its words."""
        token = tokens[idx]
        said = self.renderInlineAsText(token.children or [], options, env)
        own = _PICTURE.match(str(token.attrGet("src") or ""))
        if own is None:
            return str(Markup("{}").format(said))
        picture = Markup('<img src="/handbook/pictures/{}" alt="{}" loading="lazy">')
        return str(picture.format(own[1], said))

    def table_open(self, *_: object) -> str:
        """As the renderer calls it."""
        return '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>\n'

    def table_close(self, *_: object) -> str:
        """As the renderer calls it."""
        return "</table></div>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        """As ``code_block``."""
        return str(Markup('<pre tabindex="0"><code>{}</code></pre>\n').format(tokens[idx].content))

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """What stands indented."""
        return self.fence(tokens, idx, options, env)
