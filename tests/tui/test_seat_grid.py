"""The grid of seats: state as a word, arrows, a close look with what mends it, seats that come and go."""

from dataclasses import dataclass

import msgspec
import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.domain.results import SeatLine
from tests.tui.doing import Doing, until
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes import classes
from tests.tui.scenes.lab import HEAD
from tui.app import CarrelApp
from tui.classes.seat_grid import SeatGrid
from tui.classes.seats import WIDTH, lower, upper, word
from tui.parts.closeups import CloseUp

pytestmark = pytest.mark.slow

NARROW = (80, 24)
SEAT = classes.seat(1, "a.khan", "Aisha Khan")


@dataclass(frozen=True)
class Seat:
    """What a seat of some state is like."""

    state: str
    code: str = ""
    waits_s: int = 0


def box() -> FakeBox:
    return FakeBox(*HEAD, *classes.ANSWERS)


def grid(app: CarrelApp) -> SeatGrid:
    return app.present.query_one(SeatGrid)


def chosen(app: CarrelApp) -> int:
    seat = grid(app).chosen
    return seat.number if seat else 0


async def to_seats(app: CarrelApp, pilot: Pilot[None]) -> None:
    await pilot.press("6")
    await until(pilot, lambda: grid(app).chosen is not None)
    await pilot.press("enter")


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        (Seat("idle"), "idle"),
        (Seat("ok"), "ok"),
        (Seat("free"), "free"),
        (Seat("waits", waits_s=8), "wait 8s"),
        (Seat("waits", waits_s=123_456), "wait 999s"),
        (Seat("limit"), "limit"),
        (Seat("error", "invalid_api_key"), "ERR 401"),
        (Seat("error", "of another version"), "ERR"),
    ],
)
def test_every_state_is_a_word(seat: Seat, said: str):
    line = msgspec.structs.replace(SEAT, state=seat.state, trouble_code=seat.code, waits_s=seat.waits_s)
    assert word(line) == said
    assert lower(line, ascii_only=True).text.isascii()
    assert cell_len(lower(line).text) <= WIDTH


@pytest.mark.parametrize("initials", ["", "AK", "王小明", "e\u0301x", "\u202e\u202d", "WWWW"])
@pytest.mark.parametrize("number", [1, 30, 1000])
def test_the_upper_line_is_as_wide_as_a_seat(initials: str, number: int):
    line = msgspec.structs.replace(SEAT, initials=initials, number=number, tokens=1_234_567)
    assert cell_len(upper(line).text) <= WIDTH + (number > 999)


@pytest.mark.parametrize(("size", "columns"), [((80, 24), 6), ((120, 36), 6), ((60, 15), 4), ((40, 10), 3)])
async def test_as_many_seats_are_beside_each_other_as_fit(size: tuple[int, int], columns: int):
    app = CarrelApp(box())
    async with app.run_test(size=size) as pilot:
        await to_seats(app, pilot)
        assert grid(app).columns == columns


async def test_thirty_seats_are_seen_at_once_in_eighty_columns():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        assert grid(app).virtual_size.height <= grid(app).size.height


async def test_arrows_move_between_seats_and_stop_at_the_edges():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        await pilot.press("right", "right", "down")
        assert chosen(app) == 9
        await pilot.press("up", "left")
        assert chosen(app) == 2
        await pilot.press("up")
        assert chosen(app) == 2
        await pilot.press("end", "right", "down")
        assert chosen(app) == 30
        await pilot.press("home")
        assert chosen(app) == 1


async def test_the_last_seat_is_scrolled_to_in_a_small_terminal():
    app = CarrelApp(box())
    async with app.run_test(size=(60, 15)) as pilot:
        await to_seats(app, pilot)
        await pilot.press("end")
        await pilot.pause(0.3)
        assert grid(app).scroll_y > 0


async def test_the_cursor_stays_on_its_person_when_seats_come_and_go():
    the_box = box()
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        await pilot.press("right", "right", "right")
        assert chosen(app) == 4
        others = classes.seats()
        fewer = msgspec.structs.replace(others, seats=others.seats[2:])
        the_box.put("class.seats", fewer, name="nlp-3")
        await until(pilot, lambda: len(fewer.seats) == len(grid(app)._seats))
        assert chosen(app) == 4


async def test_a_seat_looked_at_closely_says_its_last_error_and_what_mends_it():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        await pilot.press("right", "right", "right", "enter")
        assert isinstance(app.screen, CloseUp)
        for said in (classes.WRONG_KEY, "ERR 401", "req_00000004", "r new key", "Dana Novak"):
            assert said in app.screen.plain
        await pilot.press("r", "t", "l", "d")
    seat = {"name": "nlp-3", "seat": "d.novak"}
    assert [(one.action, one.arguments) for one in app.deeds] == [
        ("class.reissue", seat),
        ("class.top-up", seat),
        ("class.release", seat),
        ("request.show", {"id": "req_00000004"}),
    ]


async def test_a_close_look_follows_what_happens_to_the_seat():
    the_box = box()
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        await pilot.press("right", "right", "right", "enter")
        dialog = app.screen
        assert isinstance(dialog, CloseUp)
        found = classes.seats()
        mended = msgspec.structs.replace(found.seats[3], state="ok", trouble="", mend="")
        the_box.put(
            "class.seats",
            msgspec.structs.replace(found, seats=(*found.seats[:3], mended, *found.seats[4:])),
            name="nlp-3",
        )
        await until(pilot, lambda: classes.WRONG_KEY not in dialog.plain)


async def test_one_key_mends_the_chosen_seat():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        await pilot.press(*["right"] * 3, "m", *["right"] * 5, "m")
    assert [one.action for one in app.deeds] == ["class.reissue", "class.top-up"]


async def test_a_seat_that_nothing_is_wrong_with_is_not_mended():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        await pilot.press("m")
    assert app.deeds == []


async def test_keys_of_a_seat_do_nothing_in_the_list():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_seats(app, pilot)
        await pilot.press("escape", *"rtl")
        assert app.deeds == []
        await pilot.press("enter", *"rtl")
        assert len(app.deeds) == 3
        assert all(one.arguments == {"name": "nlp-3", "seat": "a.khan"} for one in app.deeds)


async def test_hostile_seats_are_shown_as_text():
    """One on each seat, all at once in the grid, then each closely."""
    the_box = box()

    def marked(one: SeatLine, text: str) -> SeatLine:
        return msgspec.structs.replace(
            one, name=text, given=text, initials=text, trouble=text, trouble_code=text, trouble_request=text
        )

    found = classes.seats()
    seats = tuple(marked(one, text) for one, text in zip(found.seats, HOSTILE, strict=False))
    assert len(seats) == len(HOSTILE)
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        for number, text in enumerate(HOSTILE):
            answer = msgspec.structs.replace(found, message=text, seats=seats)
            the_box.put("class.seats", answer, name="nlp-3")
            if not number:
                await to_seats(app, pilot)
            # What was heard is told the screen a fifth of a second later.
            await pilot.pause(0.3)
            await pilot.press("enter")
            assert isinstance(app.screen, CloseUp)
            assert not {"\x1b", "\u202e"} & set(app.export_screenshot())
            await pilot.press("escape", "right")
            assert not {"\x1b", "\u202e"} & set(app.export_screenshot())
