"""Whether a request is a spot check: HMAC-SHA256 of its id under the seed of its day, below the tier's rate.

Everything that the rule looks at is a timeline, read at the moment at which the request began. So whoever has
the seed, the timelines and the ledger comes to the same samples as the box did.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final, Generic, TypeVar

from appliance.domain.samples import Choice, LedgerLine, RateChange, TierChange

DAY_MS: Final = 86_400_000
_BITS: Final = 64

Value = TypeVar("Value")


# Without slots: `Timeline[str]()` notes its type on the instance, which a frozen one with slots answers with
# another error than typing expects.
@dataclass(frozen=True)
class Timeline(Generic[Value]):
    """What held from when on, oldest first."""

    changes: tuple[tuple[int, Value], ...] = ()

    def with_change(self, since_ms: int, value: Value) -> "Timeline[Value]":
        """The same with one more; of two at one moment, the later one counts."""
        later = tuple(one for one in self.changes if one[0] > since_ms)
        return Timeline((*self.changes[: len(self.changes) - len(later)], (since_ms, value), *later))

    def at(self, time_ms: int) -> Value | None:
        """None before the first."""
        return next((value for since_ms, value in reversed(self.changes) if since_ms <= time_ms), None)

    @property
    def now(self) -> Value | None:
        """The last; None where there is none."""
        return self.changes[-1][1] if self.changes else None


@dataclass(frozen=True, slots=True)
class Rules:
    """Rates by tier, tiers by model, choices by holder."""

    rates: Mapping[str, Timeline[Fraction]] = field(default_factory=dict)
    tiers: Mapping[str, Timeline[str]] = field(default_factory=dict)
    choices: Mapping[str, Timeline[Choice]] = field(default_factory=dict)

    def with_rate(self, one: RateChange) -> "Rules":
        """With one more change."""
        line = self.rates.get(one.tier, Timeline()).with_change(one.since_ms, one.rate)
        return replace(self, rates={**self.rates, one.tier: line})

    def with_tier(self, one: TierChange) -> "Rules":
        """With one more change."""
        line = self.tiers.get(one.model, Timeline()).with_change(one.since_ms, one.tier)
        return replace(self, tiers={**self.tiers, one.model: line})

    def with_choice(self, one: Choice) -> "Rules":
        """With one more change."""
        line = self.choices.get(one.holder, Timeline()).with_change(one.since_ms, one)
        return replace(self, choices={**self.choices, one.holder: line})

    def tier_of(self, model: str, time_ms: int) -> str:
        """As far as it is known; before the first request to a model, what it was then."""
        line = self.tiers.get(model, Timeline())
        return line.at(time_ms) or (line.changes[0][1] if line.changes else "")

    def rate_of(self, line: LedgerLine) -> Fraction:
        """The part of requests such as this one that are samples; 0 for somebody who refuses."""
        choice = self.choices.get(line.holder, Timeline()).at(line.started_ms)
        if choice is not None and choice.refuses:
            return Fraction(0)
        tier = self.tier_of(line.model, line.started_ms)
        return self.rates.get(tier, Timeline()).at(line.started_ms) or Fraction(0)


def is_sample(line: LedgerLine, seed: bytes, rules: Rules) -> bool:
    """Whether this request is one."""
    rate = rules.rate_of(line)
    return rate > 0 and is_below(seed, line.request_id, rate)


def is_below(seed: bytes, request_id: str, rate: Fraction) -> bool:
    """The first 64 bits of the HMAC, as a part of 1, are less than the rate."""
    drawn = hmac.digest(seed, request_id.encode(), "sha256")[: _BITS // 8]
    return int.from_bytes(drawn, "big") * rate.denominator < rate.numerator << _BITS


def commitment(seed: bytes) -> str:
    """What is published ahead: it ties the box to a seed and does not tell it."""
    return hashlib.sha256(seed).hexdigest()


def day_of(time_ms: int) -> str:
    """The UTC day that a moment is of."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()


def begin_of(day: str) -> int:
    """Its first ms since 1970. Raises ``ValueError`` for what is no day."""
    return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) * 1000
