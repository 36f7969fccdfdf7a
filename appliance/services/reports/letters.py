"""Letters about flaws, given to whoever they are for: the owner of the model, or whoever told them."""

from typing import Final

from appliance.errors import BadRequest
from appliance.federation.protocol.letters import FlawAnswer, FlawReport
from appliance.federation.protocol.messages import LetterKind
from appliance.services.letters.ports import Arrived
from appliance.services.reports.coming import ComingReports
from appliance.services.reports.travelling import TravelService


class FlawLetters:
    """A ``Taker``."""

    kinds: Final[frozenset[LetterKind]] = frozenset({"flaw-report", "flaw-answer"})

    def __init__(self, coming: ComingReports, travelling: TravelService) -> None:
        self._coming = coming
        self._travelling = travelling

    async def take(self, letter: Arrived) -> None:
        """Raises what the reader of its kind raises."""
        match letter.body:
            case FlawReport() as report:
                await self._coming.take(letter, report)
            case FlawAnswer() as answer:
                await self._travelling.answered(letter, answer)
            case _:
                raise BadRequest("This letter is not about a flaw.")

    async def undelivered(self, kind: LetterKind, thread: str, reason: str) -> None:
        """A report can be sent again."""
        if kind == "flaw-report":
            await self._travelling.undelivered(thread, reason)
