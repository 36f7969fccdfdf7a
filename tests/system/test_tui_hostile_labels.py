"""What others may write on a real box is text on every screen of the terminal UI, and no more."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import CarrelError
from tests.system.box import RealBox
from tests.tui.hostile import HOSTILE
from tui.app import CarrelApp
from tui.live import LiveBox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RealBox]:
    made = RealBox(tmp_path).start()
    yield made
    made.stop()


async def written(box: LiveBox) -> int:
    """Have the box take in all of it wherever it can be written; how much it took."""
    await box.run("project.new", {"project": "lens"})
    taken = 0
    for number, text in enumerate(HOSTILE):
        person = f"p{number}"
        for action, arguments in (
            ("person.new", {"person": person, "name": text, "project": "lens"}),
            ("project.new", {"project": f"q{number}", "title": text, "purpose": text}),
            ("key.new", {"name": text, "project": "lens", "person": person}),
            ("budget.request", {"project": "lens", "person": person, "credits": "1", "reason": text}),
            ("class.new", {"name": f"c{number}", "title": text}),
        ):
            taken += await _took(box, action, arguments)
    return taken


async def _took(box: LiveBox, action: str, arguments: dict[str, object]) -> bool:
    """Some of it the box refuses: that is fine, too."""
    try:
        await box.run(action, arguments)
    except CarrelError:
        return False
    return True


def drawn(app: CarrelApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_no_screen_obeys_what_somebody_wrote(box: RealBox):
    places = await asyncio.to_thread(box.carrel, "where")
    socket = next(one["path"] for one in places["places"] if one["name"] == "socket")
    live = LiveBox(Path(socket), "lab-01")
    assert await written(live) > 30
    app = CarrelApp(live)
    seen = ""
    async with app.run_test(size=(100, 36)) as pilot:
        for key in (
            "1",
            "2",
            "3",
            "4",
            "5",
            "down",
            "down",
            "enter",
            "t",
            "enter",
            "escape",
            "6",
            "enter",
            "7",
            "8",
        ):
            await pilot.press(key)
            await pilot.pause(0.7)
            seen += drawn(app)
        assert app.is_running
    assert "[/foo]" in seen, seen
    assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set(seen)
