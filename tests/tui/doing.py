"""For tests of what keys begin: an application that keeps the deeds, and waiting for what it shows."""

from collections.abc import Callable

from textual.pilot import Pilot

from tests.tui.fake_box import FakeBox
from tui.app import CarrelApp
from tui.deeds import Deed


class Doing(CarrelApp):
    """Keeps the deeds that keys begin, and does none."""

    def __init__(self, box: FakeBox) -> None:
        super().__init__(box)
        self.deeds: list[Deed] = []

    def act(self, deed: Deed) -> None:
        self.deeds.append(deed)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Let the application go on until something holds."""
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")
