"""The amounts that every record and every sum has, in one order."""

from operator import add, attrgetter
from typing import Final, NamedTuple

from appliance.federation.protocol.usage import UsageRecord


class Amounts(NamedTuple):
    """Whole numbers; units as in ``federation.protocol.usage.UsageRecord``. ``users`` is no sum, but the most
    that one record speaks of: at least so many people (0: fewer than ten).
    """

    requests: int = 0
    failed: int = 0
    refused_budget: int = 0
    refused_license: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    gflop: int = 0
    credits_micro: int = 0
    gpu_ms: int = 0
    wall_ms: int = 0
    energy_mj: int = 0
    money_micro: int = 0
    estimated_requests: int = 0
    users: int = 0

    def plus(self, other: "Amounts") -> "Amounts":
        """Both together."""
        return Amounts._make((*map(add, self[:-1], other[:-1]), max(self.users, other.users)))

    @property
    def is_below_zero(self) -> bool:
        """Whether anything is."""
        return min(self) < 0


NAMES: Final = Amounts._fields
SUMMED: Final = NAMES[:-1]
COLUMNS: Final = ", ".join(NAMES)
VALUES: Final = ", ".join(f":{name}" for name in NAMES)
_IN_ORDER: Final = attrgetter(*NAMES)


def amounts_of(record: UsageRecord) -> Amounts:
    """What was not measured counts as nothing."""
    return Amounts._make(value or 0 for value in _IN_ORDER(record))


def values_of(amounts: Amounts) -> dict[str, int]:
    """By name of the column."""
    return amounts._asdict()
