"""What one request used, and the budget it was taken from. 1 credit = 10^15 FLOP; 1 gflop = 1
micro-credit.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller

FLOP_METHOD: Final = "mm-v1"
"""How gflop are counted (``policy.flops``); kept with every row, so that no sum mixes two methods unseen."""
PRICE_METHOD: Final = "price-v1"
"""Of a model hosted elsewhere: micro-credits by its price (``policy.prices``), in the place of gflop."""


UsageKind = Literal["inference", "training"]
"""What was computed: answers, or a model."""
Operation = Literal["chat", "completion", "embedding", "finetune"]
"""What was asked for."""


class Outcome(StrEnum):
    """How a request ended."""

    HELD = "held"
    """Not yet: its hold stands."""
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    """The client left, or an operator stopped it."""
    FAILED = "failed"
    CRASHED = "crashed"
    """The gateway died under it; the sweep at the next start charged what was marked."""


@dataclass(frozen=True, slots=True)
class Meters:
    """What was measured for one request. ``prompt_tokens`` includes ``cached_tokens``."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    gpu_ms: int = 0
    wall_ms: int = 0
    gflop: int = 0
    energy_mj: int | None = None
    """Millijoules of the GPUs, by the share of their time; None where nobody measures."""
    money_micro: int | None = None
    """Millionths of the lab's money, for a model hosted elsewhere whose price in money is known."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What is reserved before a request may wait for a replica."""

    request_id: str
    caller: Caller
    model: ModelIdentity
    prompt_tokens: int
    max_completion_tokens: int
    """Of all choices together."""
    gflop: int
    """The most the request can cost: the amount held."""
    gflop_of_prompt: int
    """What prefill alone costs: charged by the crash sweep once the first token was marked."""
    gflop_per_token: int
    """Upper bound for one more token; the crash sweep charges marked tokens at this rate, never above the
    hold."""
    started_ms: int
    scored_tokens: int = 0
    """Of the prompt, those whose log-probabilities are computed."""
    resumable: bool = False
    """It is computed again if it is interrupted, so that only its answer is charged: a crash releases it."""
    method: str = FLOP_METHOD
    """How the amounts are counted."""
    kind: UsageKind = "inference"
    op: Operation = "chat"


@dataclass(frozen=True, slots=True)
class ProgressMark:
    """How far a held request is: what a crash would be charged for."""

    request_id: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Budget:
    """A project's account of all that it may spend, in micro-credits. ``limit_micro`` None means without
    limit; ``granted_micro`` is what adjustments added to it.
    """

    project_id: str
    limit_micro: int | None
    spent_micro: int
    held_micro: int
    granted_micro: int = 0

    @property
    def left_micro(self) -> int | None:
        """What a new request may take; None is without limit."""
        if self.limit_micro is None:
            return None
        return max(self.limit_micro + self.granted_micro - self.spent_micro - self.held_micro, 0)


class Grouping(StrEnum):
    """What a usage report sums by."""

    MODEL = "model"
    PROJECT = "project"
    PERSON = "person"
    KEY = "key"
    DAY = "day"
    """UTC day on which a request started."""
    HOUR = "hour"
    """Its hour, such as ``2026-10-01 14:00``. Old rows are sums of a day: they are told at its first hour."""


@dataclass(frozen=True, slots=True)
class UsageSum:
    """What the settled requests of one group used together."""

    group: str
    requests: int
    meters: Meters


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which requests a report is about: those that started in this time, of whoever is named. ``model`` is a
    recipe's id, in all its forms.
    """

    since_ms: int
    until_ms: int | None = None
    project_id: str | None = None
    person_id: str | None = None
    key_id: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class HolderSum:
    """What one holder used of one model in one project."""

    model_id: str
    project_id: str
    holder: str
    total: UsageSum


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as the ledger has it. ``outcome`` is ``held`` while it runs."""

    request_id: str
    key_id: str
    person_id: str
    project_id: str
    model_id: str
    op: str
    outcome: str
    started_ms: int
    ended_ms: int | None
    meters: Meters
