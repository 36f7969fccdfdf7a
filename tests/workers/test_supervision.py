"""A defect in the gateway's own handling of a child is said, and leaves no process behind."""

import pytest

from appliance.domain.model import ModelState
from appliance.errors import ReplicaFailed
from appliance.workers.frames import FromChild, Load
from appliance.workers.supervision import ChildSettings, Supervisor


class DefectiveOwner:
    def __init__(self, changes) -> None:
        self.on_change = changes
        self.deaths = 0

    def on_loading(self, frame: FromChild) -> bool:
        return False

    def on_ready(self, frame: FromChild) -> tuple[str, ...]:
        raise KeyError("a defect")

    def on_frame(self, frame: FromChild) -> None:
        raise AssertionError("never ready")

    def on_death(self) -> bool:
        self.deaths += 1
        return True


async def test_a_defect_of_the_owner_ends_the_child_and_is_logged(spec, clock, log, changes):
    owner = DefectiveOwner(changes)
    supervisor = Supervisor(
        Load("worker", spec()), owner, clock=clock, log=log, environment={}, settings=ChildSettings()
    )
    with pytest.raises(ReplicaFailed, match="lost control"):
        await supervisor.start()
    assert supervisor.state is ModelState.FAILED
    assert supervisor.pid is None
    assert owner.deaths == 1
    assert log.events("supervision_failed") == [{"role": "worker", "error": "KeyError"}]
    await supervisor.stop()
    assert supervisor.state is ModelState.AVAILABLE
