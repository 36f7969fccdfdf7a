"""How many requests each person has in the box, whatever the model."""

from collections import Counter
from typing import Final

from appliance.domain.me import QueueShare
from appliance.services.queue.limits import QueueLimits, person_limit_reached


class People:
    """Requests by person: on the way to a turn (prepared or waiting), and running."""

    def __init__(self, limits: QueueLimits) -> None:
        self._limits: Final = limits
        self._coming: Counter[str] = Counter()
        self._running: Counter[str] = Counter()
        self.ended = 0

    def check(self, person: str) -> None:
        """Whether they may want one more turn. Raises ``PersonLimitReached``."""
        if self._coming[person] >= self._limits.person_waiting:
            raise person_limit_reached(self._limits.person_waiting)

    def share(self, person: str) -> QueueShare:
        """What is theirs."""
        return QueueShare(
            waiting=self._coming[person],
            waiting_limit=self._limits.person_waiting,
            running=self._running[person],
            running_limit=self._limits.person_running,
        )

    def come(self, person: str) -> None:
        """One more that wants a turn."""
        self._coming[person] += 1

    def go(self, person: str) -> None:
        """One less that wants a turn."""
        _take_one(self._coming, person)

    def may_run(self, person: str) -> bool:
        """Whether one more of theirs may be computed."""
        return self._running[person] < self._limits.person_running

    def run(self, person: str) -> None:
        """One more that is computed."""
        self._running[person] += 1

    def end(self, person: str) -> None:
        """One less that is computed."""
        self.ended += 1
        _take_one(self._running, person)


def _take_one(counts: "Counter[str]", person: str) -> None:
    counts[person] -= 1
    if counts[person] <= 0:
        del counts[person]
