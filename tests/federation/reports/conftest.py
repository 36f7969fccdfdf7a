"""A box that reports, and a registry that it reports to."""

import pytest

from tests.federation.reporting_box import PEOPLE, MovingClock, ReportingBox
from tests.federation.simulated_transport import SimulatedTransport
from tests.federation.simulator import SimulatedRegistry


@pytest.fixture
def clock():
    return MovingClock()


@pytest.fixture
async def box(tmp_path, clock, empty_database):
    made = ReportingBox(tmp_path / "a" / "carrel.db", clock, template=empty_database)
    await made.start(*PEOPLE)
    yield made
    made.close()


@pytest.fixture
def registry(box, clock):
    made = SimulatedRegistry(lambda: clock.now_ms() // 1000)
    made.add_box(box.id)
    return made


@pytest.fixture
def transport(registry):
    return SimulatedTransport(registry)
