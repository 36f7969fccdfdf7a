"""Usage reports."""

import pytest

from appliance.domain.days import DAY_MS
from appliance.domain.usage import Grouping, Meters, UsageFilter, UsageSum
from appliance.errors import BadRequest
from appliance.services.usage import UsageService


class SumsInMemory:
    def __init__(self):
        self.asked = None

    async def filtered(self, by, which):
        self.asked = (by, which)
        return [UsageSum("handbook-tiny", 2, Meters(10, 4, 5, 3, 6, 50, 7, 8))]


@pytest.fixture
def sums():
    return SumsInMemory()


@pytest.fixture
def service(sums, clock):
    return UsageService(sums, clock)


async def test_a_report_covers_the_days_asked_for(service, sums, clock):
    report = await service.report(project="nlp", days=7, by="key")
    since_ms = clock.now_ms() - 7 * DAY_MS
    assert sums.asked == (Grouping.KEY, UsageFilter(since_ms, project_id="nlp"))
    assert (report.by, report.since_ms) == ("key", since_ms)


async def test_a_line_carries_every_meter(service):
    (line,) = (await service.report()).lines
    meters = (
        line.prompt_tokens,
        line.cached_tokens,
        line.completion_tokens,
        line.gpu_ms,
        line.wall_ms,
        line.gflop,
        line.energy_mj,
        line.money_micro,
    )
    assert (line.group, line.requests, meters) == ("handbook-tiny", 2, (10, 4, 5, 3, 6, 50, 7, 8))


async def test_another_grouping_is_refused(service):
    with pytest.raises(BadRequest):
        await service.report(by="mood")
