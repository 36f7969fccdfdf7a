"""How large a ``multipleOf`` is to its compiler, which goes through the digits of a number remainder by
remainder.
"""

from collections.abc import Iterable
from decimal import Decimal
from math import lcm


def common_multiple(numbers: Iterable[float]) -> int:
    """Of the digits of all of them: 1.5 has the digits 15, 400 has 4."""
    return lcm(*(_digits(number) for number in numbers))


def _digits(number: float) -> int:
    return int("".join(map(str, Decimal(repr(number)).normalize().as_tuple().digits)))
