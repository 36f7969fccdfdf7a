"""What every screen has: its head, its keys, its way to the others, and that leaving ends nothing."""

import pytest
from textual.widgets import Input

from appliance.domain.results import ClassList, Inbox, InboxRow
from appliance.errors import GatewayNotRunning, NotAllowed
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes.lab import HEAD, answers
from tui.app import CarrelApp
from tui.eight import MODES
from tui.parts.facts import Facts
from tui.parts.lines import Lines
from tui.parts.masthead import Masthead
from tui.parts.rows import Rows

pytestmark = pytest.mark.slow

SIZES = [(120, 36), (80, 24), (60, 15), (40, 10)]


def head(app: CarrelApp) -> str:
    return str(app.present.query_one("#masthead", Masthead).render())


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_opens_by_its_number_at_every_size(size: tuple[int, int]):
    app = CarrelApp(FakeBox(*answers()))
    async with app.run_test(size=size) as pilot:
        for number in range(1, 9):
            await pilot.press(str(number))
            await pilot.pause(0.3)
            assert MODES[number - 1] == app.present.NAME
            assert f"[{number} {app.present.TITLE_IN_TABS}]" in str(app.present.query_one("#tabs").render())


async def test_a_screen_without_any_answer_stands():
    app = CarrelApp(FakeBox(*HEAD))
    async with app.run_test(size=(80, 24)) as pilot:
        for number in range(1, 9):
            await pilot.press(str(number))
            await pilot.pause(0.2)
            assert MODES[number - 1] == app.present.NAME
            await pilot.press("enter", "down", "tab", "enter", "escape", "y", "c")
            await pilot.pause(0.3)
            assert app.screen is app.present


async def test_a_screen_of_refusals_stands():
    box = FakeBox(*((action, {}, NotAllowed("This is for administrators.")) for action, _, _ in answers()))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        for number in range(1, 9):
            await pilot.press(str(number))
            await pilot.pause(0.2)
            assert MODES[number - 1] == app.present.NAME


async def test_the_head_says_which_box_it_is_and_what_waits():
    box = FakeBox(*HEAD)
    rows = tuple(
        InboxRow(kind="alarm", id=str(n), text=text, since_ms=None, urgency="now", action="status")
        for n, text in enumerate(HOSTILE)
    )
    box.put("inbox", Inbox(rows=rows, left_out=3))
    app = CarrelApp(box)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.2)
        assert "lab-01" in head(app)
        assert "ONLINE" in head(app)
        assert f"{len(HOSTILE) + 3} need you" in head(app)


async def test_a_box_that_is_gone_is_said_until_it_is_back():
    box = FakeBox(*HEAD)
    app = CarrelApp(box)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.2)
        box.lose(GatewayNotRunning("The gateway is not running; start it with `carrel up`."))
        await pilot.pause(0.2)
        assert "LOST: The gateway is not running" in head(app)
        box.lose(None)
        box.put("class.list", ClassList(classes=()))
        await pilot.pause(1.5)
        assert "ONLINE" in head(app)


async def test_leaving_closes_the_viewer_and_carries_out_nothing():
    box = FakeBox(*HEAD)
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
    assert box.closed
    assert box.runs == []


async def test_help_tells_the_keys_of_the_screen_and_of_all_screens():
    app = CarrelApp(FakeBox(*HEAD))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause(0.3)
        said = app.screen.query_one("#keys", Facts).plain
        assert "leave; the box goes on" in said
        await pilot.press("escape")
        await pilot.pause(0.3)
        assert app.screen is app.present


async def test_the_filter_opens_closes_and_gives_the_table_back_its_focus():
    app = CarrelApp(FakeBox(*answers()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await pilot.pause(0.2)
        table = app.focused
        assert isinstance(table, Rows)
        await pilot.press("slash", "z", "z", "z", "z")
        assert isinstance(app.focused, Input)
        assert table.rows == ()
        await pilot.press("escape")
        await pilot.pause(0.3)
        assert app.focused is table
        assert table.rows != ()


async def test_both_themes_are_drawn():
    app = CarrelApp(FakeBox(*answers()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f2")
        assert app.theme == "carrel-light"
        await pilot.press("2", "f2")
        assert app.theme == "carrel-dark"


async def test_why_something_is_not_known_is_said_until_it_is():
    box = FakeBox(*answers())
    box.put("gpu.list", NotAllowed("This is for administrators."))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await pilot.pause(0.3)
        line = app.present.query_one("#trouble", Lines)
        assert "gpu.list: This is for administrators." in line.plain
        box.put("gpu.list", {action: answer for action, _, answer in answers()}["gpu.list"])
        await pilot.pause(0.5)
        assert line.plain == ""


async def test_only_themes_that_can_be_read_are_there_to_choose():
    app = CarrelApp(FakeBox(*HEAD))
    async with app.run_test(size=(80, 24)):
        assert set(app.available_themes) == {"carrel-dark", "carrel-light"}
