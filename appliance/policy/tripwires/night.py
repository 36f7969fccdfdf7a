"""Hours of the day as an operator writes them, ``22-5``: from one full hour to another, UTC."""

import re
from typing import Final

from appliance.errors import BadRequest

_HOURS: Final = re.compile(r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-3])\Z")
_HOUR_MS: Final = 3_600_000


def check_hours(text: str) -> str:
    """The text. Raises ``BadRequest``."""
    found = _HOURS.match(text)
    if found is None or int(found[1]) == int(found[2]):
        raise BadRequest("`hours` are two different full hours UTC, such as 22-5.", param="hours")
    return text


def within(hours: str, now_ms: int) -> bool:
    """Whether a moment is from the first hour on and before the second; the next day's where it is less."""
    begin, end = (int(part) for part in hours.split("-"))
    hour = now_ms // _HOUR_MS % 24
    return begin <= hour < end if begin < end else hour >= begin or hour < end
