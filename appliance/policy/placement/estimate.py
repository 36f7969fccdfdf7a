"""What a placement would produce in a day: an estimate, never a measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.policy.placement.answer import Placement, PlannedForm
from appliance.policy.placement.machines import GpuModel
from appliance.policy.placement.step_time import assumptions_of, step_s

WORDS_PER_TOKEN: Final = 0.75
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day of work. ``dollars`` and ``kilowatt_hours`` are of the GPUs that are used."""

    tokens: int
    words: int
    dollars: float
    kilowatt_hours: float


def estimate(
    form: PlannedForm, placement: Placement, speeds: Sequence[GpuModel | None]
) -> tuple[Day | None, tuple[str, ...]]:
    """The day and what was assumed for it. None where a GPU's speed is not known, or none is used.

    ``speeds`` is indexed by the number of a GPU.
    """
    used = [gpu for replica in placement.replicas for gpu in replica.gpus]
    known = {gpu: speed for gpu in used if (speed := speeds[gpu]) is not None}
    if not used or len(known) < len(used):
        return None, ("Speed is estimated only for GPUs whose bandwidth is known.",)
    cells = placement.seats * placement.context_tokens
    per_second = sum(
        placement.seats / step_s(form, replica, known, seats=placement.seats, kv_tokens=cells)
        for replica in placement.replicas
    )
    return day(
        tokens=int(per_second * _DAY_S),
        dollars_per_hour=sum(one.dollars_per_hour for one in known.values()),
        watts=sum(one.watts for one in known.values()),
    ), (*assumptions_of(form, placement.replicas), *ASSUMPTIONS)


def day(*, tokens: int, dollars_per_hour: float, watts: int = 0) -> Day:
    """A day of so many tokens on a machine of that price."""
    return Day(
        tokens=tokens,
        words=round(tokens * WORDS_PER_TOKEN),
        dollars=24 * dollars_per_hour,
        kilowatt_hours=24 * watts / 1000,
    )


ASSUMPTIONS: Final = (
    "All seats generate all day; reading prompts is not counted; 0.75 words a token.",
    "Dollars are 24 hours of rent for the GPUs used, at the round price by the hour in Carrel's table.",
)
