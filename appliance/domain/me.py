"""What the box tells a caller about the caller."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.access import OwnAccess
from appliance.domain.allocation import Account
from appliance.domain.model import ModelCard
from appliance.domain.people import ApiKey, Project
from appliance.domain.rates import LimitLeft, RatesLeft
from appliance.domain.results import AmountAbout
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
class ModelRestriction:
    """What the lab allows of some models: one restriction, by its id and version. ``says`` one phrase for
    each thing that it limits.
    """

    name: str
    models: tuple[str, ...]
    says: tuple[str, ...]
    why: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """An account that binds a caller, and about how much of a model's use is left in it."""

    account: Account
    about: AmountAbout | None = None


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
    notices: tuple[str, ...] = ()
    """What is told them beside answers too."""
    limits: Sequence[LimitLeft] = ()
    """Every limit per minute and day that they can meet."""
    restrictions: Sequence[ModelRestriction] = ()
    access: Sequence[OwnAccess] = ()
    """Models whose tier asks for something, and what of it is missing."""
    allocations: Sequence[OwnLimit] = ()
    """Every limit on what they may spend."""
