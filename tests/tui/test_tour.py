"""The tour that ships with the handbook shows every screen, is small, and names nobody."""

import gzip
from pathlib import Path

import pytest

from tests.tui.scenes.lab import answers
from tui.app import CarrelApp
from tui.parts.lines import Lines
from tui.recording.reading import Recording
from tui.recording.replaying import ReplayBox

TOUR = Path(__file__).parents[2] / "appliance" / "handbook" / "tour.jsonl.gz"
MOST_BYTES = 200_000


def test_it_is_small_and_ten_minutes_long() -> None:
    assert TOUR.stat().st_size < MOST_BYTES
    assert Recording.read(TOUR).length_ms == 600_000


def test_nobody_of_the_made_up_lab_is_named() -> None:
    text = gzip.decompress(TOUR.read_bytes()).decode()
    people = next(answer for action, given, answer in answers() if action == "person.list" and not given)
    for one in people.people:
        assert one.name not in text
        assert one.email not in text or not one.email


@pytest.mark.slow
async def test_every_screen_has_something_to_show() -> None:
    box = ReplayBox.open(TOUR)
    box.player.seek(340_000)
    box.player.toggle()
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in "12345678":
            await pilot.press(key)
            for _ in range(5):
                await pilot.pause(0.05)
            assert "recording" not in pilot.app.present.query_one("#trouble", Lines).plain
