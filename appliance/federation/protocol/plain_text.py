"""Foreign words as they may be shown: one line, nothing that a terminal obeys or that turns text around."""

import unicodedata
from typing import Final

_BREAKS: Final = frozenset({"Zl", "Zp"})


def plain(text: str, most: int) -> str:
    """At most ``most`` characters. Controls, formats (those of direction too) and what Unicode does not know
    become spaces.
    """
    shown = "".join(one if _is_shown(one) else " " for one in text[: 4 * most])
    return " ".join(shown.split())[:most]


def _is_shown(one: str) -> bool:
    category = unicodedata.category(one)
    return category[0] != "C" and category not in _BREAKS
