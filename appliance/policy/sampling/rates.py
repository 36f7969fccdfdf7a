"""How many of a tier's requests are spot checks, as people write it: 1/200, or 0 for none."""

import re
from fractions import Fraction
from typing import Final

from appliance.errors import BadRequest

MOST: Final = 1_000_000
"""Largest number in a rate: rarer than one in so many is none."""
DEFAULTS: Final = {
    "open": Fraction(0),
    "registered": Fraction(1, 1000),
    "approved": Fraction(1, 200),
    "restricted": Fraction(1, 20),
}
_WRITTEN: Final = re.compile(r"(0|1)|([0-9]{1,7})/([0-9]{1,7})", re.ASCII)


def read_rate(text: str) -> Fraction:
    """From ``1/200``, ``0`` or ``1``. Raises ``BadRequest``."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise _invalid()
    hits, of = (int(found[1]), 1) if found[1] else (int(found[2]), int(found[3]))
    if not 0 < of <= MOST or hits > of:
        raise _invalid()
    return Fraction(hits, of)


def rate_text(rate: Fraction) -> str:
    """As ``read_rate`` takes it."""
    return str(rate)


def _invalid() -> BadRequest:
    return BadRequest(
        f"A rate is written as 1/200, with numbers up to {MOST:,} and at most 1, or 0 for none.", param="rate"
    )
