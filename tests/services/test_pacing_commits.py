"""Lines of batches commit together at a beat; whoever waits for an answer commits at once."""

import asyncio
from dataclasses import replace

from appliance.domain.batches import LineAnswer
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.services.batches.pacing import PacedLedger

HOLD = Hold("r", Caller("k", "p", "q"), ModelIdentity("m", 1, "a", "b"), 1, 1, 1, 1, 1, 0)
ANSWER = LineAnswer("b", 1, "c", "r", 200, b"{}")


class Recording:
    def __init__(self) -> None:
        self.at_s: list[tuple[str, float]] = []

    def _note(self, what: str) -> None:
        self.at_s.append((what, asyncio.get_running_loop().time()))

    async def reserve(self, hold) -> None:
        self._note(hold.request_id)

    async def settle(self, request_id, outcome, meters, kept=None) -> None:
        self._note(request_id)

    async def release(self, request_id) -> None:
        self._note(request_id)

    async def mark(self, marks) -> None:
        self._note("marks")


async def test_commits_of_lines_come_together_and_others_do_not_wait():
    below = Recording()
    paced = PacedLedger(below, beat_s=0.2)
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.2 - loop.time() % 0.2 + 0.02)  # not within the last moment of a beat
    async with asyncio.TaskGroup() as group:
        group.create_task(paced.reserve(replace(HOLD, request_id="line 1", resumable=True)))
        group.create_task(paced.settle("line 2", Outcome.COMPLETED, Meters(), ANSWER))
        group.create_task(paced.release("line 3"))
        group.create_task(paced.reserve(HOLD))
        group.create_task(paced.settle("r", Outcome.COMPLETED, Meters()))
        group.create_task(paced.mark([]))
    names = [name for name, _ in below.at_s]
    assert set(names[:3]) == {"r", "marks"}
    assert set(names[3:]) == {"line 1", "line 2", "line 3"}
    assert below.at_s[-1][1] - below.at_s[3][1] < 0.1
    assert below.at_s[3][1] - below.at_s[2][1] > 0.05
