"""HTML and SVG as text that cannot be anything else: whatever is not markup already is escaped."""

from html import escape
from typing import Final

_UNSEEN: Final = "�"


class Markup(str):
    """Text that is markup: only ``tag`` and ``joined`` make it from others' words."""

    __slots__ = ()


Attribute = str | int | float | None


def words(text: object) -> Markup:
    """Anybody's words on one line; what cannot be printed, or turns the direction of a line, is a mark."""
    plain = "".join(one if one.isprintable() else _UNSEEN for one in str(text))
    return Markup(escape(plain))


def tag(name: str, *inside: object, **attributes: Attribute) -> Markup:
    """``class_`` is ``class``, and other underscores are hyphens; an attribute that is None is left out."""
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{words(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{named}>{joined(*inside)}</{name}>")


def joined(*parts: object) -> Markup:
    """One after the other."""
    return Markup("".join(part if isinstance(part, Markup) else words(part) for part in parts))
