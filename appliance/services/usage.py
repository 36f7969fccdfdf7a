"""What was used, summed for the operator."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.results import Result, UsageLine, UsageReport
from appliance.domain.usage import Grouping, UsageSum
from appliance.errors import BadRequest

DAY_MS: Final = 86_400_000


class UsageSums(Protocol):
    """Where usage rows are summed."""

    async def sums(self, *, by: Grouping, since_ms: int, project_id: str | None = None) -> Sequence[UsageSum]:
        """One sum a group over settled requests that started at ``since_ms`` or later."""
        ...


class UsageService:
    """Answers ``usage``."""

    def __init__(self, usage: UsageSums, clock: Clock) -> None:
        self._usage = usage
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"usage": self.report}

    async def report(self, *, project: str | None = None, days: int = 30, by: str = "model") -> UsageReport:
        """Usage of the last ``days`` days, of one project or of all. Raises ``BadRequest``."""
        if by not in tuple(Grouping):
            raise BadRequest(f"Usage is summed by {', '.join(Grouping)}.", param="by")
        since_ms = self._clock.now_ms() - days * DAY_MS
        sums = await self._usage.sums(by=Grouping(by), since_ms=since_ms, project_id=project)
        return UsageReport(by=by, since_ms=since_ms, lines=tuple(_line(one) for one in sums))


def _line(one: UsageSum) -> UsageLine:
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
    )
