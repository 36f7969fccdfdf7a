"""What the box tells a caller about the caller."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.model import ModelCard
from appliance.domain.people import ApiKey, Project
from appliance.domain.rates import RatesLeft
from appliance.domain.usage import Budget, UsageSum


@dataclass(frozen=True, slots=True)
class QueueShare:
    """One person's requests, and how many there may be."""

    waiting: int
    waiting_limit: int
    running: int
    running_limit: int


@dataclass(frozen=True, slots=True)
class Records:
    """What is kept of a caller's requests. ``statements`` are sentences for the caller."""

    of_each_request: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Me:
    """One caller's own account. ``usage`` is by model, since ``since_ms``; of the person, or of the key."""

    key: ApiKey
    project: Project
    models: Sequence[ModelCard]
    budget: Budget
    rates: RatesLeft
    queue: QueueShare
    usage: Sequence[UsageSum]
    since_ms: int
    records: Records
