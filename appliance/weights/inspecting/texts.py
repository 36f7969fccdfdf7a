"""Texts out of a model's files, made fit for showing and for a recipe."""

from typing import Final

_LONGEST_LINE: Final = 200
_LONGEST_TEMPLATE: Final = 65_536
"""As recipes bound it."""


def line(value: object) -> str:
    """One short line; empty for anything else than text."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(one if one.isprintable() else " " for one in value).split())[:_LONGEST_LINE]


def template(value: object) -> str:
    """A chat template; empty where it is none, or too long to be one."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEMPLATE else ""
