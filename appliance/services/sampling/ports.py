"""What spot checks need from others."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.people import Membership, Project
from appliance.domain.samples import (
    Choice,
    LedgerLine,
    RateChange,
    ReviewerKey,
    Sample,
    Sealed,
    Seed,
    Taken,
    TierChange,
    Verdict,
)


class RuleTable(Protocol):
    """Where what decides on samples is remembered; nothing is taken out."""

    async def add_seeds(self, seeds: Sequence[Seed]) -> None:
        """A day keeps the seed that it has."""
        ...

    async def seeds(self) -> Sequence[Seed]:
        """Every one, by day."""
        ...

    async def add_rate(self, one: RateChange) -> None:
        """One more change."""
        ...

    async def rates(self) -> Sequence[RateChange]:
        """Every change, oldest first."""
        ...

    async def add_tier(self, one: TierChange) -> None:
        """One more change."""
        ...

    async def tiers(self) -> Sequence[TierChange]:
        """Every change, oldest first."""
        ...

    async def add_choice(self, one: Choice) -> None:
        """One more change."""
        ...

    async def choices(self) -> Sequence[Choice]:
        """Every change, oldest first."""
        ...


class Samples(Protocol):
    """Where samples are remembered."""

    async def take(self, one: Taken) -> bool:
        """False where the ledger has no such request that has ended, or it was taken before."""
        ...

    async def page(
        self, *, open_only: bool, project: str | None = None, holder: str | None = None, limit: int
    ) -> Sequence[Sample]:
        """The newest first."""
        ...

    async def get(self, sample_id: str) -> Sample:
        """Raises ``NotFound``."""
        ...

    async def decide(self, sample_id: str, verdict: Verdict, reason: str, by: str, now_ms: int) -> None:
        """Once. Raises ``NotFound``, ``Conflict``."""
        ...

    async def taken(self, since_ms: int, until_ms: int) -> frozenset[str]:
        """Ids of requests that began then and were taken."""
        ...

    async def ledger(
        self, since_ms: int, until_ms: int, after: tuple[int, int] = (-1, -1)
    ) -> tuple[Sequence[LedgerLine], tuple[int, int] | None]:
        """Settled requests that began then, some at a time, and where the next ones begin."""
        ...

    async def line(self, request_id: str) -> tuple[LedgerLine, str] | None:
        """One settled request and its project; None where the ledger has none."""
        ...


class SealedContent(Protocol):
    """Where keys of reviewers are remembered, and what is sealed to them."""

    async def add_key(self, key: ReviewerKey) -> None:
        """A new one, or one that counts again."""
        ...

    async def end_key(self, key_id: str, now_ms: int) -> None:
        """Raises ``NotFound``."""
        ...

    async def keys(self) -> Sequence[ReviewerKey]:
        """Every one, oldest first."""
        ...

    async def of(self, owner: str, now_ms: int) -> Sequence[Sealed]:
        """What is sealed of a sample or a report, once for each key."""
        ...

    async def expire(self, now_ms: int) -> int:
        """Delete what has had its time."""
        ...

    async def forget(self, holder: str) -> int:
        """Delete whatever is sealed of one person, or of one key."""
        ...


class Directory(Protocol):
    """Who there is."""

    def project(self, id: str) -> Project | None:
        """None for one that is not known."""
        ...

    def projects_of(self, person_id: str) -> Sequence[Membership]:
        """Where a person belongs."""
        ...


class Incidents(Protocol):
    """Where a verdict that needs somebody leads."""

    async def does_not_fit(self, sample: Sample, reason: str, by: str, /) -> str:
        """Open an incident of the level note about the sampled person. Returns its id; empty where there is
        none.
        """
        ...


class NoIncidents:
    """Nobody keeps incidents."""

    async def does_not_fit(self, _sample: Sample, _reason: str, _by: str, /) -> str:
        """Nothing is opened."""
        return ""
