"""What CLASS follows. Pure."""

from typing import Final

from appliance.domain.results import ClassLine
from appliance.domain.watching import Topic

CLASSES: Final = Topic("class.list", (("all", True),), 3000)


def detail_of(class_id: str) -> Topic:
    """All that is set of a class."""
    return Topic("class.show", (("name", class_id),), 5000)


def seats_of(lesson: ClassLine) -> Topic:
    """Its seats: each second while somebody sits there."""
    return Topic("class.seats", (("name", lesson.id),), 10_000 if lesson.state == "over" else 1000)


def projector_of(class_id: str) -> Topic:
    """What the projector shows, the time that is left included."""
    return Topic("class.projector", (("name", class_id),), 1000)
