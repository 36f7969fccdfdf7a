"""What a class may be: ids, lists of models and networks, bounds."""

import re
from typing import Final

from appliance.domain.classes import SHORT_LIVED_DAYS, SchoolClass
from appliance.domain.days import DAY_MS
from appliance.errors import BadRequest, Conflict
from appliance.policy.classes.times import LONGEST_MS, NONE
from appliance.policy.restrictions.networks import network_of

MOST_MODELS: Final = 8
MOST_NETWORKS: Final = 20
MOST_SEATS: Final = 1000
"""Guests too."""
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_ROOM_FOR_GUESTS: Final = 53
"""``CLASS-guest-1000`` is the id of a person, of at most 64 characters."""


def require_class_id(text: str) -> str:
    """Raises ``BadRequest``."""
    if _ID.match(text) is None or text.startswith("key_"):
        raise BadRequest(
            "A class's id has 1 to 64 characters of a-z, 0-9, dot, dash and underscore, and begins with a "
            "letter or digit.",
            param="name",
        )
    return text


def own_id(wanted: str, number: int) -> str:
    """The id, or the second one of its kind, and so on."""
    return wanted if number == 1 else f"{wanted[:60]}-{number}"


def models_in(text: str) -> tuple[str, ...]:
    """Names with commas between them, each once. Raises ``BadRequest``."""
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(found) > MOST_MODELS:
        raise BadRequest(f"A class has at most {MOST_MODELS} models.", param="models")
    return found


def networks_in(text: str) -> tuple[str, ...]:
    """Networks with commas between them; ``none`` is anywhere. Raises ``BadRequest``."""
    if text.strip().lower() == NONE:
        return ()
    found = tuple(dict.fromkeys(str(network_of(part)) for part in text.split(",") if part.strip()))
    if len(found) > MOST_NETWORKS:
        raise BadRequest(f"A class has at most {MOST_NETWORKS} networks.", param="networks")
    return found


def check_class(lesson: SchoolClass, now_ms: int) -> None:
    """What holds whoever makes or changes it. Raises ``BadRequest``."""
    begins = lesson.starts_ms if lesson.starts_ms is not None else now_ms
    if lesson.ends_ms <= begins:
        raise BadRequest("A class ends after it begins: say a later `--ends`.", param="ends")
    if lesson.ends_ms <= now_ms:
        raise BadRequest("A class ends later than now: say a later `--ends`.", param="ends")
    if lesson.ends_ms - now_ms > LONGEST_MS:
        raise BadRequest(
            "A class ends within a year. For a longer course make a class a lesson.", param="ends"
        )
    if lesson.guests and len(lesson.id) > _ROOM_FOR_GUESTS:
        raise BadRequest(
            f"A class with guests has an id of at most {_ROOM_FOR_GUESTS} characters, because theirs begin "
            "with it.",
            param="guests",
        )
    if lesson.plain and not is_short_lived(lesson, now_ms):
        raise BadRequest(
            f"A class that answers over plain HTTP ends within {SHORT_LIVED_DAYS} days, because its keys can "
            "be read on the way: say an earlier `--ends`, or open it without `--plain`.",
            param="ends",
        )


def check_lives(lesson: SchoolClass) -> None:
    """What was ended for good stays so. Raises ``Conflict``."""
    if lesson.over_ms is not None:
        raise Conflict(f"Class `{lesson.id}` is over. Make another one: `carrel class new NAME`.")


def is_short_lived(lesson: SchoolClass, now_ms: int) -> bool:
    """Whether its keys end soon enough to be sent in the clear."""
    return lesson.keys_end_ms - now_ms <= SHORT_LIVED_DAYS * DAY_MS
