"""Which keys are of a rehearsal: the only ones that a class answers before it is open. In memory, while it
lasts.
"""

from collections.abc import Collection


class RehearsalKeys:
    """Class by key."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}

    def class_of(self, key_id: str) -> str | None:
        """None for any other key."""
        return self._classes.get(key_id)

    def put(self, key_id: str, class_id: str) -> None:
        """It may ask what the class may."""
        self._classes[key_id] = class_id

    def drop(self, keys: Collection[str]) -> None:
        """They are over. Safe twice."""
        for key_id in keys:
            self._classes.pop(key_id, None)

    def is_rehearsed(self, class_id: str) -> bool:
        """Whether one is going on."""
        return class_id in self._classes.values()
