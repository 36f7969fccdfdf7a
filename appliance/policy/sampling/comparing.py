"""Samples as they were taken against samples as the rule says: what is missing, and what should not be."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from appliance.domain.samples import LedgerLine
from appliance.policy.sampling.choosing import Rules, is_sample


@dataclass(slots=True)
class Comparison:
    """Of one day; its lines come in parts. ``sampled`` are the ids of requests that were taken."""

    seed: bytes
    rules: Rules
    sampled: frozenset[str]
    requests: int = 0
    expected: set[str] = field(default_factory=set)

    def look(self, lines: Iterable[LedgerLine]) -> None:
        """At some more of the ledger."""
        for line in lines:
            self.requests += 1
            if is_sample(line, self.seed, self.rules):
                self.expected.add(line.request_id)

    @property
    def missing(self) -> list[str]:
        """Requests that should have been taken."""
        return sorted(self.expected - self.sampled)

    @property
    def extra(self) -> list[str]:
        """Requests that should not have been."""
        return sorted(self.sampled - self.expected)
