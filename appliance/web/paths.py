"""Which paths belong to pages. Everything else is the API's."""

from typing import Final, Literal

Place = Literal["try", "compare", "me", "access", "start", "teach", "handbook"]
"""Where somebody goes on after signing in: a name of this list, never a path that a client gave."""

PLACES: Final[dict[Place, str]] = {
    "try": "/",
    "compare": "/compare",
    "me": "/me",
    "access": "/access",
    "start": "/start",
    "teach": "/teach",
    "handbook": "/handbook",
}

_FIRST_PARTS: Final = frozenset(
    {
        "",
        "_class",
        "access",
        "ca.crt",
        "compare",
        "favicon.svg",
        "handbook",
        "join",
        "login",
        "logout",
        "me",
        "project",
        "start",
        "static",
        "teach",
        "try",
    }
)


def is_page(path: str) -> bool:
    """Whether the page app answers, with a page that says so where there is nothing. ``path`` is decoded."""
    first, _, rest = path.removeprefix("/").partition("/")
    return first in _FIRST_PARTS and (first != "" or not rest)


def place_of(path: str) -> Place:
    """The place that a path belongs to; the first page for any other."""
    first = path.removeprefix("/").partition("/")[0]
    return next((place for place, to in PLACES.items() if to == f"/{first}"), "try")


def path_of(place: str) -> str:
    """Where a place is; the first page for a name that is none."""
    return next((to for name, to in PLACES.items() if name == place), PLACES["try"])
