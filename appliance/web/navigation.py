"""What the header of every page leads to, for whoever looks."""

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.web.paths import PLACES, Place, place_of
from appliance.web.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Link:
    """One entry; ``here`` where the page that is shown belongs to it."""

    title: str
    path: str
    here: bool = False


def navigation(visitor: Visitor | None, path: str) -> tuple[Link, ...]:
    """Only what the visitor may use."""
    here = place_of(path) if path == "/" or place_of(path) != "try" else None
    return tuple(Link(title, PLACES[place], place == here) for place, title in _entries(visitor))


def _entries(visitor: Visitor | None) -> Iterator[tuple[Place, str]]:
    if visitor is not None:
        yield "try", "Try it"
        yield "compare", "Compare"
        yield "me", "Me"
        yield "access", "Access"
    yield "start", "Start"
    if visitor is not None and visitor.leads:
        yield "teach", "Teach"
    yield "handbook", "Handbook"
