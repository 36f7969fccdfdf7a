"""What decides on spot checks: seeds, and every change of rates, tiers and choices. Nothing is taken out."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.samples import Choice, RateChange, Seed, TierChange
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_SEED: Final = "INSERT OR IGNORE INTO sample_seed (day, seed, made_ms) VALUES (:day, :seed, :made_ms)"
_RATE: Final = """
INSERT INTO sample_rate (tier, numerator, denominator, since_ms, set_by)
VALUES (:tier, :numerator, :denominator, :since_ms, :set_by)
"""
_TIER: Final = "INSERT INTO sample_tier (model, tier, since_ms) VALUES (:model, :tier, :since_ms)"
_CHOICE: Final = """
INSERT INTO sample_choice (holder, project_id, refuses, consents, since_ms)
VALUES (:holder, :project, :refuses, :consents, :since_ms)
"""


class SamplingTable:
    """All of it is small and read once, at the start."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add_seeds(self, seeds: Sequence[Seed]) -> None:
        """Remember them, in one commit. A day keeps the seed that it has."""

        def job(database: Database) -> None:
            for one in seeds:
                database.execute(_SEED, {"day": one.day, "seed": one.seed, "made_ms": one.made_ms})

        await self._writer.run(job)

    async def seeds(self) -> Sequence[Seed]:
        """Every one, by day."""
        rows = await self._all("SELECT * FROM sample_seed ORDER BY day")
        return [Seed(row["day"], row["seed"], row["made_ms"]) for row in rows]

    async def add_rate(self, one: RateChange) -> None:
        """One more change."""
        row = {
            "tier": one.tier,
            "numerator": one.rate.numerator,
            "denominator": one.rate.denominator,
            "since_ms": one.since_ms,
            "set_by": one.set_by,
        }
        await self._add(_RATE, row)

    async def rates(self) -> Sequence[RateChange]:
        """Every change, oldest first."""
        rows = await self._all("SELECT * FROM sample_rate ORDER BY seq")
        return [
            RateChange(
                row["tier"], Fraction(row["numerator"], row["denominator"]), row["since_ms"], row["set_by"]
            )
            for row in rows
        ]

    async def add_tier(self, one: TierChange) -> None:
        """One more change."""
        await self._add(_TIER, {"model": one.model, "tier": one.tier, "since_ms": one.since_ms})

    async def tiers(self) -> Sequence[TierChange]:
        """Every change, oldest first."""
        rows = await self._all("SELECT * FROM sample_tier ORDER BY seq")
        return [TierChange(row["model"], row["tier"], row["since_ms"]) for row in rows]

    async def add_choice(self, one: Choice) -> None:
        """One more change."""
        row = {
            "holder": one.holder,
            "project": one.project_id,
            "refuses": int(one.refuses),
            "consents": int(one.consents),
            "since_ms": one.since_ms,
        }
        await self._add(_CHOICE, row)

    async def choices(self) -> Sequence[Choice]:
        """Every change, oldest first."""
        rows = await self._all("SELECT * FROM sample_choice ORDER BY seq")
        return [
            Choice(
                row["holder"],
                row["project_id"],
                bool(row["refuses"]),
                bool(row["consents"]),
                row["since_ms"],
            )
            for row in rows
        ]

    async def _add(self, sql: str, row: Mapping[str, object]) -> None:
        await self._writer.run(lambda database: database.execute(sql, row).rowcount)

    async def _all(self, sql: str) -> list[dict[str, Any]]:
        return await self._reader.run(lambda database: list(database.query(sql)))
