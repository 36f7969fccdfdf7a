"""What a person should look at: kept, told in ``status``, and sent as an alert."""

from collections.abc import Callable, Sequence
from typing import Final

from appliance.domain.alerts import AlertLevel, Sign
from appliance.domain.clock import Clock
from appliance.domain.reporting import DAY_MS, ReportMark
from appliance.services.federation.reporting.ports import Chains

TOLD_MS: Final = 7 * DAY_MS
_NEXT: Final = "carrel fed status"


class Telling:
    """``load`` it before use."""

    def __init__(self, chains: Chains, *, alert: Callable[[Sign], None], clock: Clock) -> None:
        self._chains = chains
        self._alert = alert
        self._clock = clock
        self._marks: list[ReportMark] = []

    async def load(self) -> None:
        """Learn what is on the disk. Raises ``StorageUnavailable``."""
        self._marks = list(await self._chains.marks())

    async def tell(self, mark: ReportMark, *, kept: bool = False) -> None:
        """Once a day for each matter; ``kept``: it is on the disk already. Raises ``StorageUnavailable``."""
        day = mark.at_ms // DAY_MS
        if any((one.what, one.at_ms // DAY_MS) == (mark.what, day) for one in self._marks):
            return
        if not kept:
            await self._chains.mark(mark)
        self._marks.insert(0, mark)
        self._alert(Sign("federation", mark.what, AlertLevel.WARN, mark.sentence, _NEXT))

    def ask(self, check: str) -> None:
        """The registry wants to be shown something."""
        sentence = "The registry asks to be shown some rows of a usage report; you decide."
        self._alert(Sign("federation", check, AlertLevel.NOTE, sentence, "carrel fed checks"))

    @property
    def marks(self) -> Sequence[ReportMark]:
        """The newest first."""
        return tuple(self._marks)

    def alarms(self) -> tuple[str, ...]:
        """Sentences of the last week."""
        since_ms = self._clock.now_ms() - TOLD_MS
        return tuple(one.sentence for one in self._marks if one.at_ms >= since_ms)
