"""What decides on spot checks, in memory: asked at every request, without a query. Kept by the store."""

import secrets
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.samples import Choice, RateChange, Seed, TierChange
from appliance.policy.sampling.choosing import DAY_MS, Rules, Timeline, day_of
from appliance.services.sampling.ports import RuleTable

SEED_BYTES: Final = 32
AHEAD_DAYS: Final = 7
"""For so many days after today seeds are made, and their hashes published."""
REVEALED_DAYS: Final = 30
"""So long after its day a seed is told."""


class RuleBook:
    """Seeds, rates, tiers and choices. Call ``load`` first."""

    def __init__(
        self,
        table: RuleTable,
        clock: Clock,
        *,
        fresh_seed: Callable[[], bytes] = lambda: secrets.token_bytes(SEED_BYTES),
    ) -> None:
        self._table = table
        self._clock = clock
        self._fresh_seed = fresh_seed
        self._seeds: dict[str, Seed] = {}
        self._unwritten: list[Seed | TierChange] = []
        self.rules = Rules()

    async def load(self) -> None:
        """What was kept before, and seeds for the days to come. Raises ``StorageUnavailable``."""
        rules = Rules()
        for rate in await self._table.rates():
            rules = rules.with_rate(rate)
        for tier in await self._table.tiers():
            rules = rules.with_tier(tier)
        for choice in await self._table.choices():
            rules = rules.with_choice(choice)
        self.rules = rules
        self._seeds = {one.day: one for one in await self._table.seeds()}
        await self.look_ahead()

    @property
    def seeds(self) -> Sequence[Seed]:
        """Every one, by day."""
        return [self._seeds[day] for day in sorted(self._seeds)]

    def is_revealed(self, seed: Seed) -> bool:
        """Whether its day is long enough ago."""
        return day_of(self._clock.now_ms() - (REVEALED_DAYS + 1) * DAY_MS) >= seed.day

    def known_seed(self, day: str) -> Seed | None:
        """None for a day on which the box did not run."""
        return self._seeds.get(day)

    def seed_for(self, time_ms: int) -> bytes:
        """Of the day that a moment is of. One that nobody has made ahead is written down soon."""
        day = day_of(time_ms)
        if day not in self._seeds:
            self._seeds[day] = self._made(day)
            self._unwritten.append(self._seeds[day])
        return self._seeds[day].seed

    async def look_ahead(self) -> None:
        """Make the seeds of today and the days after it. Raises ``StorageUnavailable``."""
        now_ms = self._clock.now_ms()
        days = [day_of(now_ms + ahead * DAY_MS) for ahead in range(AHEAD_DAYS + 1)]
        made = [self._made(day) for day in days if day not in self._seeds]
        await self._table.add_seeds(made)
        self._seeds |= {one.day: one for one in made}

    def see_tier(self, model: str, tier: str, now_ms: int) -> None:
        """A request to a model came, which is of this tier now. A change is written down soon."""
        if self.rules.tiers.get(model, Timeline[str]()).now != tier:
            change = TierChange(model, tier, now_ms)
            self.rules = self.rules.with_tier(change)
            self._unwritten.append(change)

    async def flush(self) -> None:
        """Write down what is not written yet. Raises ``StorageUnavailable``, and it can be called again."""
        while self._unwritten:
            one = self._unwritten[0]
            if isinstance(one, Seed):
                await self._table.add_seeds([one])
            else:
                await self._table.add_tier(one)
            self._unwritten.pop(0)

    async def set_rate(self, tier: str, rate: Fraction, by: str) -> None:
        """From now on. Raises ``StorageUnavailable``."""
        change = RateChange(tier, rate, self._clock.now_ms(), by)
        await self._table.add_rate(change)
        self.rules = self.rules.with_rate(change)

    def choice_of(self, holder: str) -> Choice:
        """What somebody said last; nothing refused and nothing agreed to where they said nothing."""
        said = self.rules.choices.get(holder, Timeline[Choice]()).now
        return said or Choice(holder, "", refuses=False, consents=False, since_ms=0)

    async def choose(self, holder: str, project: str, *, refuses: bool, consents: bool) -> Choice:
        """From now on. A refusal holds before it is on the disk. Raises ``StorageUnavailable``."""
        choice = Choice(holder, project, refuses, consents, self._clock.now_ms())
        if refuses or not consents:
            self.rules = self.rules.with_choice(choice)
            await self._table.add_choice(choice)
        else:
            await self._table.add_choice(choice)
            self.rules = self.rules.with_choice(choice)
        return choice

    def refusals(self) -> Sequence[Choice]:
        """Of those who refuse now."""
        last = [line.now for line in self.rules.choices.values()]
        return [one for one in last if one is not None and one.refuses]

    def _made(self, day: str) -> Seed:
        return Seed(day, self._fresh_seed(), self._clock.now_ms())
