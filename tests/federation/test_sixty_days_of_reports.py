"""Sixty days without the registry: reports queue, a day each, and then all of them go, once."""

import pytest

from appliance.federation.protocol.kinds import HEAD_REQUEST, USAGE_BATCH
from appliance.registry.store.opening import open_database
from tests.federation.real_registry import RealRegistry
from tests.federation.reporting_box import MovingClock, ReportingBox
from tests.federation.simulated_transport import SimulatedTransport
from tests.federation.simulator import SimulatedRegistry

PEOPLE = ("ada", "bob")
SYNCS_A_DAY = 4


@pytest.mark.slow
async def test_sixty_days_of_reports_queue_and_then_drain_once(tmp_path, empty_database):
    clock = MovingClock()
    box = ReportingBox(tmp_path / "a" / "carrel.db", clock, template=empty_database)
    await box.start(*PEOPLE)
    database = open_database(f"sqlite:///{tmp_path}/registry.db")
    registry = RealRegistry(database, tmp_path, clock)
    registry.enroll(box)
    away = SimulatedTransport(SimulatedRegistry())
    away.away = True
    for day in range(60):
        for sync in range(SYNCS_A_DAY):
            for name in PEOPLE:
                await box.use(name)
            await box.sync(away)
            clock.time_ms += 6 * 3_600_000
            if (day, sync) in {(13, 1), (41, 3)}:
                box.close()
                box.open()
                await box.store.report_tally.end_open()
        waiting = [row.kind for row in await box.waiting()]
        assert waiting.count(HEAD_REQUEST) == 1
        # A restart in the middle of a day divides it.
        assert waiting.count(USAGE_BATCH) <= day + 3
    before = await box.waiting()
    async with registry.on_http(box) as transport:
        await box.sync(transport)
        assert await box.waiting() == []
        assert {row.token for row in before} <= set(registry.heard.tokens)
        assert len(registry.heard.tokens) == len(set(registry.heard.tokens))
        assert await box.sync(transport) == 0
    reported = 60 * SYNCS_A_DAY * len(PEOPLE)
    still_open = sum(
        row["requests"]
        for row in await box.ask(
            "SELECT requests FROM report_tally JOIN report_part USING (part) WHERE batched_ms IS NULL"
        )
    )
    assert registry.requests == reported - still_open
    assert registry.marks == []
    box.close()
    database.close()
