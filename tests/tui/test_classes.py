"""CLASS: classes, what each key begins in which state, and cards into a file."""

from collections.abc import Sequence

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from appliance.domain.results import ClassList
from appliance.errors import NotAllowed
from tests.tui.doing import Doing, until
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes import classes
from tests.tui.scenes.lab import HEAD
from tui.app import CarrelApp
from tui.classes.screen import ClassesScreen
from tui.classes.seat_grid import SeatGrid
from tui.commands import Captured, NoCommands
from tui.parts.lines import Lines
from tui.parts.rows import Rows

pytestmark = pytest.mark.slow

NARROW, WIDE = (80, 24), (120, 36)


class Printer(NoCommands):
    """Keeps the commands that it was told to run."""

    def __init__(self, code: int = 0, errors: bytes = b"") -> None:
        self.ran: list[tuple[str, ...]] = []
        self._done = Captured(code, b"", errors)

    async def capture(self, words: Sequence[str]) -> Captured:
        self.ran.append(tuple(words))
        return self._done


def box(*, readonly: bool = False) -> FakeBox:
    return FakeBox(*HEAD, *classes.ANSWERS, readonly=readonly)


async def in_state(app: CarrelApp, pilot: Pilot[None], state: str) -> None:
    """The class is in this state from now on, and the screen shows it."""
    line = classes.line("nlp-3", "Third lesson", state)
    app.box.put("class.list", ClassList(classes=(line,)), all=True)
    table = app.present.query_one("#classes", Rows)
    await until(pilot, lambda: [row.data for row in table.rows] == [line])
    await pilot.pause(0.3)


def grid(app: CarrelApp) -> SeatGrid:
    return app.present.query_one(SeatGrid)


def heading(app: CarrelApp) -> str:
    return app.present.query_one("#heading", Lines).plain


def screen(app: CarrelApp) -> ClassesScreen:
    assert isinstance(app.present, ClassesScreen)
    return app.present


async def to_class(app: CarrelApp, pilot: Pilot[None]) -> None:
    await pilot.press("6")
    await until(pilot, lambda: grid(app).chosen is not None)


async def test_the_open_class_comes_first_with_its_seats_limits_and_time():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        await until(pilot, lambda: "50k tokens" in heading(app))
        order = [row.key for row in app.present.query_one("#classes", Rows).rows]
        assert order == ["nlp-3", "nlp-exam", "nlp-2"]
        for said in (
            "28 of 30 joined",
            "41 min left",
            "3 errors",
            "2 at a limit",
            "2 at once",
            "Begin with exercise",
        ):
            assert said in heading(app)


async def test_seats_are_followed_each_second_while_the_class_is_shown_and_not_after():
    the_box = box()
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        seats = [one for one in the_box.watched[-1] if one.action == "class.seats"]
        assert [(one.arguments, one.every_ms) for one in seats] == [((("name", "nlp-3"),), 1000)]
        await pilot.press("8")
        await until(pilot, lambda: all(one.action != "class.seats" for one in the_box.watched[-1]))


async def test_another_class_shows_its_own_seats_and_warnings():
    app = CarrelApp(box())
    async with app.run_test(size=WIDE) as pilot:
        await to_class(app, pilot)
        await pilot.press("down")
        await until(pilot, lambda: "No model runs" in heading(app) and "12 of 12" in heading(app))


FITTING = {
    "planned": {"o": "open", "E": "set"},
    "open": {"p": "pause", "e": "message", "x": "close", "i": "roster", "h": "rehearse", "v": "poll"},
    "paused": {"p": "resume"},
    "over": {"w": "report", "d": "show"},
}
"""By state: keys, and the action of classes that each begins."""


async def test_keys_begin_what_fits_the_state_of_the_class():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        for state, actions in FITTING.items():
            await in_state(app, pilot, state)
            app.deeds.clear()
            await pilot.press(*actions)
            assert [one.action for one in app.deeds] == [f"class.{one}" for one in actions.values()], state
            assert all((one.arguments, one.subject) == ({"name": "nlp-3"}, "nlp-3") for one in app.deeds)


async def test_keys_that_do_not_fit_the_state_do_nothing():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        for state, keys in {"planned": "p", "open": "o", "over": "opxeih", "paused": "o"}.items():
            await in_state(app, pilot, state)
            await pilot.press(*keys)
            assert app.deeds == [], state


async def test_a_new_class_is_not_named_as_the_chosen_one():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        await pilot.press("n")
    assert (app.deeds[0].action, app.deeds[0].arguments, app.deeds[0].form) == ("class.new", {}, True)


async def test_cards_go_to_a_file_by_the_command_line():
    printer = Printer()
    app = CarrelApp(box(), printer)
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.focused, Input))
        assert isinstance(app.focused, Input)
        assert app.focused.value == "nlp-3-cards.html"
        await pilot.press("enter")
        await until(pilot, lambda: bool(printer.ran))
    assert printer.ran == [("class", "cards", "--output=nlp-3-cards.html", "nlp-3")]


async def test_a_report_goes_to_a_file_and_esc_writes_none():
    printer = Printer()
    app = CarrelApp(box(), printer)
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        await pilot.press("F", "escape", "F")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: bool(printer.ran))
    assert printer.ran == [("class", "report", "--output=nlp-3-report.csv", "nlp-3")]


async def test_a_file_that_was_not_written_is_said():
    app = CarrelApp(box(), Printer(2, b"[/foo] The file is there already. \x1b[2J"))
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: any("there already" in one.message for one in app._notifications))
        assert all("\x1b" not in one.message for one in app._notifications)


async def test_a_viewer_that_only_looks_makes_no_cards():
    printer = Printer()
    the_box = box(readonly=True)
    app = CarrelApp(the_box, printer)
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: any("read-only" in one.message for one in app._notifications))
    assert printer.ran == []
    assert the_box.runs == []


async def test_the_copied_command_is_that_of_what_is_chosen():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_class(app, pilot)
        assert screen(app).copied_command() == "carrel class show nlp-3"
        await pilot.press("enter")
        assert screen(app).copied_command() == "carrel class seats nlp-3"


async def test_a_refusal_is_said_until_it_is_answered():
    the_box = box()
    the_box.put("class.show", NotAllowed("This is for its leads."), name="nlp-3")
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("6")
        trouble = app.present.query_one("#trouble", Lines)
        await until(pilot, lambda: "for its leads" in trouble.plain)
        the_box.put("class.show", classes.detail(classes.OPEN), name="nlp-3")
        await until(pilot, lambda: not trouble.plain)


async def test_hostile_titles_and_messages_are_shown_as_text():
    the_box = box()
    app = CarrelApp(the_box)
    async with app.run_test(size=WIDE) as pilot:
        await to_class(app, pilot)
        await until(pilot, lambda: "a seat" in heading(app))
        for text in HOSTILE:
            line = classes.line("nlp-3", text, "open", mode=text)
            the_box.put("class.list", ClassList(classes=(line,)), all=True)
            detail = classes.detail(classes.OPEN, warnings=(text,))
            the_box.put("class.show", detail, name="nlp-3")
            table = app.present.query_one("#classes", Rows)
            await until(pilot, lambda shown=line, table=table: [row.data for row in table.rows] == [shown])
            topic = next(one for one in the_box.watched[-1] if one.action == "class.show")
            await until(pilot, lambda shown=detail, topic=topic: app.latest(topic) is shown)
            # What was heard is told the screen a fifth of a second later.
            await pilot.pause(0.3)
            picture = app.export_screenshot()
            assert "\x1b" not in picture
            assert "\u202e" not in picture
        assert app.is_running
