"""What was used, summed for the operator, and for a lead of their project."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS
from appliance.domain.results import Result, UsageLine, UsageReport
from appliance.domain.usage import Grouping, UsageFilter, UsageSum
from appliance.errors import BadRequest
from appliance.policy.budget import credits_text
from appliance.policy.spreadsheets import csv_lines

_METERS: Final = (
    "requests",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "gpu_ms",
    "wall_ms",
    "gflop",
    "energy_mj",
    "money_micro",
)


class UsageSums(Protocol):
    """Where usage rows are summed."""

    async def filtered(self, by: Grouping, which: UsageFilter) -> Sequence[UsageSum]:
        """One sum a group over settled requests."""
        ...


class UsageService:
    """Answers ``usage``."""

    def __init__(self, usage: UsageSums, clock: Clock) -> None:
        self._usage = usage
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"usage": self.report}

    async def report(
        self, *, project: str | None = None, days: int = 30, by: str = "model", csv: bool = False
    ) -> UsageReport:
        """Usage of the last ``days`` days, of one project or of all. Raises ``BadRequest``."""
        if by not in tuple(Grouping):
            raise BadRequest(f"Usage is summed by {', '.join(Grouping)}.", param="by")
        since_ms = self._clock.now_ms() - days * DAY_MS
        sums = await self._usage.filtered(Grouping(by), UsageFilter(since_ms, project_id=project))
        lines = tuple(usage_line(one) for one in sums)
        return UsageReport(by=by, since_ms=since_ms, lines=lines, csv=_csv(by, lines) if csv else ())


def usage_line(one: UsageSum) -> UsageLine:
    """One sum as it is told."""
    meters = one.meters
    return UsageLine(
        group=one.group,
        requests=one.requests,
        prompt_tokens=meters.prompt_tokens,
        cached_tokens=meters.cached_tokens,
        completion_tokens=meters.completion_tokens,
        gpu_ms=meters.gpu_ms,
        wall_ms=meters.wall_ms,
        gflop=meters.gflop,
        energy_mj=meters.energy_mj,
        money_micro=meters.money_micro,
    )


def _csv(by: str, lines: Sequence[UsageLine]) -> tuple[str, ...]:
    rows = [(one.group, *(getattr(one, name) for name in _METERS), credits_text(one.gflop)) for one in lines]
    return csv_lines((by, *_METERS, "credits"), rows)
