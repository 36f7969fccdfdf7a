"""Cards of a class's seats, ten on a page, to be cut apart: one page of HTML that needs nothing else.

A card's code holds the key behind a ``#``: a browser keeps that to itself, so it is in no log and no Referer.
The page of the box reads it and fills its form; whoever has no camera types the key.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from appliance.domain.results import ClassCards, SeatCard
from appliance.web.class_times import whole_moment
from appliance.web.key_groups import key_groups
from appliance.web.qr import qr_svg

A_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class CardView:
    """One card as its template has it."""

    number: int
    name: str
    given: str
    groups: tuple[str, ...]
    qr: Markup


@dataclass(frozen=True, slots=True)
class SheetView:
    """All cards of a class in pages, and what is the same on each. ``until`` is when their keys end."""

    title: str
    url: str
    name_url: str
    base_url: str
    model: str
    fingerprint: str
    ca_url: str
    until: str
    pages: tuple[tuple[CardView, ...], ...]


def sheet_of(cards: ClassCards) -> SheetView:
    """In the order of the list."""
    url = cards.url.rstrip("/")
    views = [_view(one, url) for one in cards.cards]
    return SheetView(
        title=cards.title,
        url=url,
        name_url=cards.name_url.rstrip("/"),
        base_url=cards.base_url,
        model=cards.model,
        fingerprint=cards.fingerprint,
        ca_url=f"{url}/ca.crt" if cards.fingerprint else "",
        until=whole_moment(cards.expires_ms),
        pages=tuple(tuple(views[at : at + A_PAGE]) for at in range(0, len(views), A_PAGE)),
    )


def cards_html(cards: ClassCards) -> str:
    """A whole page that a browser prints from a file. It holds keys, to be kept from others."""
    return _pages().get_template("cards_file.html").render(sheet=sheet_of(cards), style=_style())


def sign_in_url(url: str, key: str) -> str:
    """Where a key signs in without being sent on the way there."""
    return f"{url.rstrip('/')}/login#key={key}"


def _view(card: SeatCard, url: str) -> CardView:
    return CardView(
        number=card.number,
        name=card.name,
        given=card.given,
        groups=key_groups(card.key),
        qr=qr_svg(sign_in_url(url, card.key)),
    )


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("appliance.web", "templates"), autoescape=True, undefined=StrictUndefined
    )


@cache
def _style() -> Markup:
    style = files("appliance.web") / "static" / "css" / "cards.css"
    return Markup(style.read_text(encoding="utf-8"))  # noqa: S704  # nosec B704 - a file of this package
