"""``sample …`` as reviewers and operators have it: list, decide, prove, and the keys that content is
sealed to.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.results import Result
from appliance.domain.results.samples import (
    ReviewerKeyList,
    SampleLine,
    SampleList,
    SampleProof,
    SampleRefusals,
    SealedContent,
    SealedText,
)
from appliance.domain.samples import Verdict
from appliance.errors import BadRequest, NotFound
from appliance.policy.sampling.choosing import DAY_MS, begin_of, day_of
from appliance.policy.sampling.rates import read_rate
from appliance.services.labels import require_label
from appliance.services.sampling.book import RuleBook
from appliance.services.sampling.ports import Directory, Incidents, NoIncidents, Samples
from appliance.services.sampling.ports import SealedContent as SealedTable
from appliance.services.sampling.presenting import key_line, rate_lines, sample_line, seed_line
from appliance.services.sampling.reading_keys import ReadingKeys
from appliance.services.sampling.taking import compare_day

TOLD: Final = 100
"""Requests that a proof names of each kind."""


class SampleReviews:
    """``incidents`` hears of samples that do not fit. Samples are deleted after ``kept_days``."""

    def __init__(
        self,
        *,
        book: RuleBook,
        keys: ReadingKeys,
        samples: Samples,
        sealed: SealedTable,
        directory: Directory,
        clock: Clock,
        kept_days: int,
        incidents: Incidents = NoIncidents(),  # noqa: B008 - has no state
    ) -> None:
        self._book = book
        self._keys = keys
        self._samples = samples
        self._sealed = sealed
        self._directory = directory
        self._clock = clock
        self._kept_ms = kept_days * DAY_MS
        self._incidents = incidents

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "sample.list": self.list_samples,
            "sample.show": self.show,
            "sample.decide": self.decide,
            "sample.set": self.set_rate,
            "sample.verify": self.verify,
            "sample.fetch": self.fetch,
            "sample.keys": self.list_keys,
            "sample.key-add": self.add_key,
            "sample.key-end": self.end_key,
        }

    async def list_samples(self, *, all: bool, project: str | None, limit: int) -> SampleList:
        """``sample list``."""
        found = await self._samples.page(open_only=not all, project=project, limit=limit)
        return SampleList(
            samples=tuple(map(sample_line, found)),
            rates=rate_lines(self._book.rules),
            refusals=self._refusals(),
        )

    async def show(self, *, id: str) -> SampleLine:
        """``sample show``. Raises ``NotFound``."""
        return sample_line(await self._samples.get(id))

    async def decide(self, *, id: str, verdict: Verdict, reason: str, actor: Actor) -> SampleLine:
        """``sample decide``. Raises ``NotFound``, ``Conflict``, ``BadRequest``."""
        why = require_label(reason, "reason")
        await self._samples.decide(id, verdict, why, actor.known_as, self._clock.now_ms())
        decided = await self._samples.get(id)
        opened = ""
        if verdict == "does-not-fit":
            opened = await self._incidents.does_not_fit(decided, why, actor.known_as)
        return msgspec.structs.replace(sample_line(decided), incident=opened or None)

    async def set_rate(self, *, tier: str, rate: str, actor: Actor) -> SampleList:
        """``sample set``: for requests from now on. Raises ``BadRequest``."""
        await self._book.set_rate(tier, read_rate(rate), actor.known_as)
        return SampleList(samples=(), rates=rate_lines(self._book.rules), refusals=self._refusals())

    async def verify(self, *, day: str | None) -> SampleProof:
        """``sample verify``. Raises ``BadRequest``, ``NotFound`` for a day without a seed."""
        chosen = day or day_of(self._clock.now_ms() - DAY_MS)
        try:
            found = await compare_day(self._book, self._samples, chosen)
        except ValueError as error:
            raise BadRequest("A day is written as 2026-11-21.", param="day") from error
        seed = self._book.known_seed(chosen)
        if found is None or seed is None:
            raise NotFound("This box did not run on that day; `carrel sample seeds` lists days.", param="day")
        if begin_of(chosen) < self._clock.now_ms() - self._kept_ms:
            raise NotFound("The samples of that day are deleted by now (`sample_days`).", param="day")
        line = seed_line(seed, self._book)
        return SampleProof(
            day=chosen,
            ok=not (found.missing or found.extra),
            sha256=line.sha256,
            seed=line.seed,
            requests=found.requests,
            samples=len(found.sampled),
            missing=tuple(found.missing[:TOLD]),
            extra=tuple(found.extra[:TOLD]),
        )

    async def fetch(self, *, id: str) -> SealedContent:
        """``sample fetch``. Raises ``NotFound`` where nothing is there."""
        sample = await self._samples.get(id)
        sealed = await self._sealed.of(sample.id, self._clock.now_ms())
        if not sealed:
            raise NotFound(f"There is no content of this sample: {sample_line(sample).content}.", param="id")
        return SealedContent(
            id=sample.id, sealed=tuple(SealedText(key=one.key_id, jwe=one.jwe) for one in sealed)
        )

    async def list_keys(self) -> ReviewerKeyList:
        """``sample keys``."""
        return ReviewerKeyList(keys=tuple(map(key_line, self._keys.all)))

    async def add_key(self, *, file: str, label: str, actor: Actor) -> ReviewerKeyList:
        """``sample key-add``. Raises ``BadRequest``, ``Conflict``."""
        await self._keys.add(file, require_label(label, "label"), actor.known_as)
        return await self.list_keys()

    async def end_key(self, *, id: str) -> ReviewerKeyList:
        """``sample key-end``. Raises ``NotFound``."""
        await self._keys.end(id)
        return await self.list_keys()

    def _refusals(self) -> tuple[SampleRefusals, ...]:
        """Of each project of those who refuse: how many they are."""
        counts: Counter[str] = Counter()
        for one in self._book.refusals():
            belongs = {there.project_id for there in self._directory.projects_of(one.holder)}
            counts.update(belongs or {one.project_id or "unknown"})
        return tuple(SampleRefusals(project=name, people=counts[name]) for name in sorted(counts))
