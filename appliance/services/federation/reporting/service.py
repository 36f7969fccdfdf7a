"""Answers what operators ask of reports: ``fed preview``, ``report``, ``usage``, ``checks``, ``check``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.days import end_ms, first_ms
from appliance.domain.reporting import DAY_MS, SpotRequest
from appliance.domain.results import Result
from appliance.domain.results.usage_reports import FedCheck, FedChecks, FedPreview, FedReporting, FedUsage
from appliance.errors import BadRequest
from appliance.federation.protocol.usage import UsageRecord
from appliance.services.federation.ports import Identity
from appliance.services.federation.reporting.checking import SpotRequests
from appliance.services.federation.reporting.composing import ReportComposer
from appliance.services.federation.reporting.exporting import as_amie, as_csv
from appliance.services.federation.reporting.ports import Chains, Checks
from appliance.services.federation.reporting.previewing import Previews

_ON: Final = (
    "From now on the sums of each day are reported, as `carrel fed preview` shows them before. What was used "
    "while reports were off is in none."
)
_OFF: Final = (
    "No report is made from now on, not of days before either; what waits already still goes. The registry "
    "may give no new leases to a box that does not report: those that you have end at their dates."
)
_NOWHERE: Final = "This box belongs to no registry: `carrel fed enroll CODE` changes that."
_DAYS: Final = 30


class Switch(Protocol):
    """Whether the box reports, as the disk says."""

    async def report(self, *, on: bool) -> None:
        """From now on. Raises ``StorageUnavailable``."""
        ...


class ReportService:
    """For operators."""

    def __init__(
        self,
        *,
        identity: Identity,
        switch: Switch,
        previews: Previews,
        composer: ReportComposer,
        chains: Chains,
        checks: Checks,
        spots: SpotRequests,
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._switch = switch
        self._previews = previews
        self._composer = composer
        self._chains = chains
        self._checks = checks
        self._spots = spots
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "fed.preview": self.preview,
            "fed.report": self.report,
            "fed.usage": self.usage,
            "fed.checks": self.show_checks,
            "fed.check": self.check,
        }

    async def preview(self, *, today: bool = False) -> FedPreview:
        """``fed preview``. Raises ``BadRequest`` where the box belongs to no registry."""
        self._require()
        return await self._previews.preview(today=today)

    async def report(self, *, switch: str) -> FedReporting:
        """``fed report``. Raises as ``preview``."""
        self._require()
        on = switch == "on"
        await self._switch.report(on=on)
        return FedReporting(reporting=on, says=_ON if on else _OFF)

    async def usage(
        self, *, since: str | None = None, until: str | None = None, format: str = "csv"
    ) -> FedUsage:
        """``fed usage``. Raises as ``preview``."""
        self._require()
        now_ms = self._clock.now_ms()
        first = now_ms // DAY_MS - _DAYS if since is None else first_ms(since, "since") // DAY_MS
        last = now_ms // DAY_MS if until is None else end_ms(until, "until") // DAY_MS - 1
        found = [*await self._reported(first, last), *await self._open(first, last)]
        lines = as_amie(found) if format == "amie" else as_csv(found)
        return FedUsage(format=format, lines=lines)

    async def show_checks(self) -> FedChecks:
        """``fed checks``."""
        return FedChecks(checks=tuple(_line(one) for one in await self._checks.all()))

    async def check(self, *, id: str, approve: bool = False, refuse: str | None = None) -> FedChecks:
        """``fed check``. Raises ``BadRequest``, ``NotFound``, ``Conflict``."""
        self._require()
        if approve == (refuse is not None):
            raise BadRequest(
                "Say either --approve, which shows the rows to the registry, or --refuse and why.",
                param="approve",
            )
        decided = await self._spots.decide(id, approve=approve, reason=refuse or "")
        return FedChecks(checks=(_line(decided),))

    async def lines(self) -> Sequence[tuple[str, str]]:
        """What ``fed status`` tells of reports. Raises ``StorageUnavailable``."""
        if not self._identity.enrolled:
            return ()
        chain = await self._chains.chain(await asyncio.to_thread(lambda: self._identity.box_id))
        made = "none yet" if chain.last is None else f"{chain.last.epoch}/{chain.last.seq}"
        acked = f"{chain.acked_epoch}/{chain.acked_seq}" if chain.acked_seq else "none yet"
        asked = sum(one.state == "open" for one in await self._checks.all())
        found = [("last report", made), ("acknowledged up to", acked)]
        if chain.epoch > 1:
            found.append(("epoch", f"{chain.epoch}: this box was restored or copied, or its registry was"))
        if asked:
            found.append(("checks", f"{asked} wait for you: carrel fed checks"))
        return [*found, *(("mark", one.sentence) for one in await self._chains.marks(5))]

    async def _reported(self, first: int, last: int) -> Sequence[tuple[str, UsageRecord]]:
        made = await self._chains.records(first, last)
        return [("reported", msgspec.json.decode(one.record, type=UsageRecord)) for one in made]

    async def _open(self, first: int, last: int) -> Sequence[tuple[str, UsageRecord]]:
        records = [record for made in await self._composer.unreported() for record in made.records]
        return [
            ("open", msgspec.json.decode(one.record, type=UsageRecord))
            for one in records
            if first <= one.day <= last
        ]

    def _require(self) -> None:
        if not self._identity.enrolled:
            raise BadRequest(_NOWHERE)


def _line(one: SpotRequest) -> FedCheck:
    return FedCheck(
        id=one.id,
        epoch=one.epoch,
        seq=one.seq,
        rows=len(one.leaves),
        reason=one.reason,
        came_ms=one.came_ms,
        state=one.state,
        why=one.why,
        decided_ms=one.decided_ms,
    )
