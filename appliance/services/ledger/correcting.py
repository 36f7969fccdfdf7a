"""``budget refund`` and ``budget adjust``: amounts that somebody moves by hand, with a reason."""

from collections.abc import Awaitable, Callable, Mapping

from appliance.domain.actor import Actor
from appliance.domain.adjustment import AdjustmentKind
from appliance.domain.people import DEFAULT_ID
from appliance.domain.results import AdjustmentState, Result
from appliance.errors import BadRequest
from appliance.policy.budget import parse_credits
from appliance.services.labels import require_label
from appliance.services.ledger.adjusting import Adjusting
from appliance.services.ledger.presenting import adjustment_state


class CorrectionService:
    """Every one stays on record; none is ever changed."""

    def __init__(self, adjusting: Adjusting) -> None:
        self._adjusting = adjusting

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"budget.refund": self.refund, "budget.adjust": self.adjust}

    async def refund(
        self, *, request_id: str, credits: str | None = None, reason: str, actor: Actor
    ) -> AdjustmentState:
        """``budget refund``. Raises ``NotFound``, ``Conflict``, ``BadRequest``."""
        micro = None if credits is None else _amount(credits)
        made = await self._adjusting.refund(
            request_id, micro, reason=require_label(reason, "reason"), actor=actor.known_as
        )
        return adjustment_state(made)

    async def adjust(
        self, *, project: str = DEFAULT_ID, credits: str, reason: str, actor: Actor
    ) -> AdjustmentState:
        """``budget adjust``. Raises ``NotFound``, ``BadRequest``."""
        takes = credits.strip().startswith("-")
        micro = _amount(credits.strip().removeprefix("-" if takes else "+"))
        made = await self._adjusting.adjust(
            project=project,
            micro=-micro if takes else micro,
            kind=AdjustmentKind.CORRECTION,
            reason=require_label(reason, "reason"),
            actor=actor.known_as,
        )
        return adjustment_state(made)


def _amount(text: str) -> int:
    micro = parse_credits(text)
    if not micro:
        raise BadRequest("Say how many credits; 0 and `none` change nothing.", param="credits")
    return micro
