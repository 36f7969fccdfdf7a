"""What a seat may spend: tokens of prompts and answers, as credits of the class's first model."""

from appliance.domain.classes import SchoolClass
from appliance.errors import BadRequest
from appliance.policy.amounts import of_tokens
from appliance.services.classes.ports import Costs


class SeatCosts:
    """Converts as ``budget set --tokens --of MODEL`` does."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs

    async def micro(self, lesson: SchoolClass, tokens: int) -> int | None:
        """So many tokens in micro-credits; None for 0, which is no limit. Raises ``BadRequest`` where nobody
        knows yet what the model costs.
        """
        if not tokens:
            return None
        if not lesson.models:
            raise BadRequest(
                f"This class has no model yet: `carrel class set {lesson.id} --models MODEL`.", param="models"
            )
        model = lesson.models[0]
        try:
            reference = await self._costs.of(lesson.project_id, model)
        except BadRequest as error:
            raise _unknown(model) from error
        if reference is None:
            raise _unknown(model)
        return of_tokens(tokens, reference).micro


def _unknown(model: str) -> BadRequest:
    return BadRequest(
        f"Nobody knows yet what a token of {model} costs, because it was never asked and does not run: start "
        f"it with `carrel model run {model}`, or say `--seat-tokens 0` for no limit.",
        param="seat_tokens",
    )
