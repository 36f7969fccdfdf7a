"""Keeps numbers about few people from being told as numbers about a group.

The rule, for the cells of one place (the same purpose, lease, model, file, backend and operation):

1. A group of fewer than ``least`` people is folded into ``other``.
2. ``other`` has to hide what is in it: where it is about fewer than ``least`` people, as that of a single
   group always is, the smallest group that is still shown is folded into it too, and again until it hides
   enough or nothing is left to fold.
3. How many people a record is about is told from ``least`` on, else not at all. Sums over groups are never
   told, so that nothing can be found by subtracting.

Where a whole place is about fewer than ``least`` people, what is left is one record of ``other``: the use of
the box, without any number of people.
"""

from collections.abc import Sequence

from appliance.policy.reporting.cells import Cell, joined, order


def suppressed(cells: Sequence[Cell], *, least: int, other: str) -> list[Cell]:
    """The cells that may be told, in a steady order."""
    places: dict[object, list[Cell]] = {}
    for cell in cells:
        places.setdefault(cell.place, []).append(cell)
    found = [one for group in places.values() for one in _of_place(group, least, other)]
    return sorted(found, key=order)


def told_users(cell: Cell, least: int) -> int:
    """How many people used it; 0 where that is not told."""
    return len(cell.users) if len(cell.users) >= least else 0


def _of_place(cells: list[Cell], least: int, other: str) -> list[Cell]:
    hidden = [one for one in cells if one.people < least]
    shown = sorted((one for one in cells if one.people >= least), key=lambda one: (one.people, one.group))
    while hidden and shown and not _hides(hidden, least):
        hidden.append(shown.pop(0))
    return [*shown, joined(hidden, other)] if hidden else shown


def _hides(hidden: Sequence[Cell], least: int) -> bool:
    return joined(hidden, "").people >= least
