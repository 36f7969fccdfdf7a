"""How wide the columns of a table are: pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``width`` in characters; 0 shares what the others leave, by ``share``. ``from_width`` is
    the width of the table from which on it is shown at all. ``right`` holds numbers.
    """

    title: str
    width: int = 0
    right: bool = False
    from_width: int = 0
    share: int = 1
    least: int = 6
    """Of one that shares."""


def widths(columns: Sequence[Column], room: int, gap: int = 1) -> tuple[int, ...]:
    """For each column its characters, 0 for one that is not shown. The sum with the gaps is at most
    ``room``, unless the least widths are more.
    """
    shown = [one.from_width <= room for one in columns]
    fixed = sum(one.width for one, there in zip(columns, shown, strict=True) if there and one.width)
    left = room - fixed - gap * max(0, sum(shown) - 1)
    shares = sum(one.share for one, there in zip(columns, shown, strict=True) if there and not one.width)
    made = []
    for one, there in zip(columns, shown, strict=True):
        if not there:
            made.append(0)
        elif one.width:
            made.append(one.width)
        else:
            mine = max(one.least, left * one.share // shares)
            left, shares = left - mine, shares - one.share
            made.append(mine)
    return tuple(made)
