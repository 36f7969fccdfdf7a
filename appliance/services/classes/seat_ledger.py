"""The ledger as members of a class meet it: an empty account is told in a student's words."""

from collections.abc import Callable, Sequence

from appliance.domain.batches import LineAnswer
from appliance.domain.people import Caller
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.errors import BudgetExhausted
from appliance.policy.classes.budget_words import spent_words
from appliance.services.generation.ports import Ledger


class SeatLedger:
    """A ``Ledger`` before another one. ``in_class`` says of a caller whether their key is of a class."""

    def __init__(self, ledger: Ledger, in_class: Callable[[Caller], bool]) -> None:
        self._ledger = ledger
        self._in_class = in_class

    async def reserve(self, hold: Hold) -> None:
        """Raises ``BudgetExhausted``, ``StorageUnavailable``."""
        try:
            await self._ledger.reserve(hold)
        except BudgetExhausted as error:
            if not self._in_class(hold.caller):
                raise
            told = BudgetExhausted(spent_words(error.details), retry_after_s=error.retry_after_s)
            told.details = error.details
            raise told from error

    async def mark(self, marks: Sequence[ProgressMark]) -> None:
        """As the other."""
        await self._ledger.mark(marks)

    async def settle(
        self, request_id: str, outcome: Outcome, meters: Meters, kept: LineAnswer | None = None
    ) -> None:
        """As the other."""
        await self._ledger.settle(request_id, outcome, meters, kept)

    async def release(self, request_id: str) -> None:
        """As the other."""
        await self._ledger.release(request_id)
