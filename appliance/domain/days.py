"""Days as people write them, such as 2027-02-28. A day is one of UTC."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from appliance.errors import BadRequest

DAY_MS: Final = 86_400_000
_FIRST: Final = date(1970, 1, 1)


def first_ms(text: str, param: str) -> int:
    """The first moment of a day, in ms since 1970. Raises ``BadRequest`` for what is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{param} must be a day such as 2027-02-28.", param=param) from error
    return (day - _FIRST) // timedelta(milliseconds=1)


def end_ms(text: str, param: str) -> int:
    """The first moment after a day. Raises as ``first_ms``."""
    return first_ms(text, param) + DAY_MS


def day_text(time_ms: int) -> str:
    """The day of a moment."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()
