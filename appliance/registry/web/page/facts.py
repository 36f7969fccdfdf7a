"""What the page shows, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Measure = Literal["credits", "requests", "tokens"]
MEASURES: Final[Mapping[Measure, str]] = {
    "credits": "Credits",
    "requests": "Requests",
    "tokens": "Tokens",
}


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was used. ``most_users`` is the largest number of people of one day, as boxes told it; below ten
    they tell none.
    """

    requests: int = 0
    tokens: int = 0
    credits_micro: int = 0
    most_users: int = 0

    def of(self, measure: Measure) -> float:
        """In the unit that is shown."""
        if measure == "credits":
            return self.credits_micro / 1e6
        return float(self.requests if measure == "requests" else self.tokens)


@dataclass(frozen=True, slots=True)
class Use:
    """Of one institution or one model: in all, and by UTC day."""

    name: str
    total: Amounts
    days: Mapping[str, Amounts]


@dataclass(frozen=True, slots=True)
class BoxLine:
    """One box. Times in s since 1970 UTC, 0 for never; ``marks`` are forks that nobody has looked at."""

    name: str
    institution: str
    software: str
    state: str
    last_day: str
    reported_s: int
    epoch: int
    marks: int


@dataclass(frozen=True, slots=True)
class LeaseLine:
    """All leases of one model that have not ended; ``next_s`` is when the first of them does."""

    model: str
    valid: int
    suspended: int
    revoked: int
    next_s: int


@dataclass(frozen=True, slots=True)
class CatalogLine:
    """A model that boxes see."""

    id: str
    revision: int
    signed_by: str


@dataclass(frozen=True, slots=True)
class Facts:
    """``days`` are all UTC days of the span, in order, also those without use. ``boxes_in_all`` counts those
    that are not listed too. ``expires_ms`` is by role of the catalog.
    """

    name: str
    made_s: int
    days: tuple[str, ...]
    institutions: tuple[Use, ...]
    models: tuple[Use, ...]
    boxes: tuple[BoxLine, ...]
    boxes_in_all: int
    leases: tuple[LeaseLine, ...]
    catalog: tuple[CatalogLine, ...]
    expires_ms: Mapping[str, int] = field(default_factory=dict)
    catalog_fault: str = ""
