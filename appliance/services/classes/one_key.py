"""A seat's key makes no other keys: they would be of no class, and neither its caps nor its rules theirs."""

from appliance.errors import NotPermitted
from appliance.policy.classes.admitting import RULE
from appliance.services.classes.book import ClassBook


class OneKeyEach:
    """What is said against another key."""

    def __init__(self, book: ClassBook) -> None:
        self._book = book

    def objection(self, key_id: str) -> NotPermitted | None:
        """Against one that is made by means of the key of this id; None for one of no class."""
        if self._book.sitting_of_key(key_id) is None:
            return None
        return NotPermitted(
            "A seat has one key, which makes no others. Your teacher makes it anew where it is lost.",
            rule=RULE,
            waits_for="lead",
        )
