"""At which level a project is."""

from collections.abc import Collection
from dataclasses import dataclass

from appliance.domain.duties import Compute, Level
from appliance.policy.duties.table import MODEL_DIVISOR, TAGGED_DIVISOR, THRESHOLDS, Threshold


@dataclass(frozen=True, slots=True)
class Reached:
    """A level, and what made it so high."""

    level: Level
    because: str = ""


def level_of(compute: Compute, tags: Collection[str], requested_gflop: int = 0) -> Reached:
    """The highest level that any of its amounts is above. What is requested counts as answers would."""
    for row in reversed(THRESHOLDS):
        because = _above(row, compute, tags, requested_gflop)
        if because:
            return Reached(row.level, because)
    return Reached(Level.D0)


def _above(row: Threshold, compute: Compute, tags: Collection[str], requested_gflop: int) -> str:
    large = compute.model_gflop > row.model_gflop
    divisor = (TAGGED_DIVISOR if tags else 1) * (MODEL_DIVISOR if large else 1)
    for gflop, most, what in (
        (compute.training_gflop, row.training_gflop, "has trained with"),
        (compute.inference_gflop, row.inference_gflop, "has used"),
        (requested_gflop, row.inference_gflop, "asks for"),
    ):
        if gflop * divisor > most:
            stricter = f" / {divisor}, {_stricter(row, tags, large=large)}" if divisor > 1 else ""
            return f"{what} {flop_text(gflop)} FLOP this year, above {flop_text(most)}{stricter}"
    return ""


def _stricter(row: Threshold, tags: Collection[str], *, large: bool) -> str:
    domain = [f"for its domain {min(tags)}"] if tags else []
    model = [f"for a model trained with more than {flop_text(row.model_gflop)}"] if large else []
    return " and ".join(domain + model)


def flop_text(gflop: int) -> str:
    """In FLOP, as ``2.1e21``: two digits, in ASCII."""
    digits, _, power = f"{gflop * 10**9:.1e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(power)}"
