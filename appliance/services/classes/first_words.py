"""How long the callers of a class waited for their first words lately, and when each last had an answer. In
memory: told by runs as they end.
"""

from collections import deque
from statistics import median
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.usage import Outcome
from appliance.services.classes.book import ClassBook
from appliance.services.generation.timing import EndedRun

LAST: Final = 100


class FirstWords:
    """A ``Meter``."""

    def __init__(self, book: ClassBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._waits_s: dict[str, deque[float]] = {}
        self._answered_ms: dict[str, dict[str, int]] = {}

    def ended(self, run: EndedRun) -> None:
        """A request is over, of whomever."""
        sitting = self._book.sitting(run.caller)
        if sitting is None:
            return
        class_id = sitting.lesson.id
        if run.timing.first_token_s is not None:
            self._waits_s.setdefault(class_id, deque(maxlen=LAST)).append(run.timing.first_token_s)
        if run.outcome is Outcome.COMPLETED:
            answered = self._answered_ms.setdefault(class_id, {})
            answered[sitting.seat.person_id] = self._clock.now_ms()

    def median_ms(self, class_id: str) -> int | None:
        """Of the last hundred; None where there were none."""
        waits_s = self._waits_s.get(class_id)
        return round(median(waits_s) * 1000) if waits_s else None

    def answered_ms(self, class_id: str, person_id: str) -> int | None:
        """When a seat last had a whole answer since the box was started."""
        return self._answered_ms.get(class_id, {}).get(person_id)
