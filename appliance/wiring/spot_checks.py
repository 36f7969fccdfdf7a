"""Joins spot checks: the rule, who looks on, what reviewers and members do."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.services.oversight.spot_checks import SpotCheckIncidents
from appliance.services.people.directory import Directory
from appliance.services.sampling.book import RuleBook
from appliance.services.sampling.choosing import OwnSampling
from appliance.services.sampling.keeping import keep_samples
from appliance.services.sampling.reading_keys import ReadingKeys
from appliance.services.sampling.reviewing import SampleReviews
from appliance.services.sampling.taking import SampleTaker
from appliance.services.sampling.watching import Sampler
from appliance.store.store import Store
from appliance.wiring.background import in_background
from appliance.wiring.oversight import Oversight
from appliance.wiring.people import People


@dataclass(frozen=True, slots=True)
class SpotChecks:
    """``sampler`` is a watcher. ``book`` has the rates, ``keys`` who could read content."""

    book: RuleBook
    keys: ReadingKeys
    sampler: Sampler
    taker: SampleTaker
    reviews: SampleReviews
    own: OwnSampling

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {**self.reviews.handlers(), **self.own.handlers()}


async def spot_checks(
    settings: Settings, store: Store, there: People, seen: Oversight, *, clock: Clock, log: Log
) -> SpotChecks:
    """What decides on samples, read from the disk. Raises ``StorageUnavailable``."""
    book, keys = RuleBook(store.sampling, clock), ReadingKeys(store.sealed, clock)
    await book.load()
    await keys.load()
    taker = SampleTaker(
        book=book,
        keys=keys,
        samples=store.samples,
        purposes=_Purposes(there.directory),
        clock=clock,
        log=log,
        days=settings.sample_content_days,
    )
    reviews = SampleReviews(
        book=book,
        keys=keys,
        samples=store.samples,
        sealed=store.sealed,
        directory=there.directory,
        clock=clock,
        kept_days=settings.sample_days,
        incidents=SpotCheckIncidents(seen.book, seen.wires),
    )
    own = OwnSampling(book, keys, store.sealed)
    return SpotChecks(book, keys, Sampler(book, taker), taker, reviews, own)


@asynccontextmanager
async def sampling(checks: SpotChecks, store: Store, clock: Clock, log: Log) -> AsyncIterator[None]:
    """Scope in which samples are written down, those that a crash has left out first."""
    if late := await checks.taker.catch_up():
        log.info("samples taken late", count=late)
    keeping = keep_samples(checks.book, store.sealed, clock, log)
    try:
        async with in_background(checks.taker.run(), log), in_background(keeping, log):
            yield
    finally:
        await checks.taker.flush()


class _Purposes:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def purpose(self, project_id: str, _model: str) -> str:
        """What the project declared."""
        project = self._directory.project(project_id)
        return "" if project is None else project.purpose
