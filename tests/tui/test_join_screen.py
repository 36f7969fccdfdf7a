"""The join screen: QR code, address and code as big as there is room for; nothing of it is a secret."""

import pytest
from rich.text import Text
from textual.pilot import Pilot

from appliance.client.presenting.join_screen import qr
from appliance.domain.results import JoinScreen, PollState
from tests.tui.doing import Doing, until
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes import classes
from tests.tui.scenes.lab import HEAD
from tui.app import CarrelApp
from tui.classes.letters import LARGE, Scale, big
from tui.classes.projecting import projected
from tui.classes.projector import Projector
from tui.deeds import Deed
from tui.themes import DARK, TONES

NARROW, WIDE = (80, 24), (120, 36)
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SIZES = [(118, 36), (78, 24), (58, 15), (38, 10), (10, 3)]


def lines(one: JoinScreen, size: tuple[int, int] = (78, 24), *, ascii_only: bool = False) -> list[Text]:
    return projected(one, size, TONES[DARK], ascii_only=ascii_only)


def plain(one: JoinScreen, size: tuple[int, int] = (78, 24), *, ascii_only: bool = False) -> str:
    return "\n".join(line.plain for line in lines(one, size, ascii_only=ascii_only))


def box(*, readonly: bool = False) -> FakeBox:
    return FakeBox(*HEAD, *classes.ANSWERS, readonly=readonly)


async def to_projector(app: CarrelApp, pilot: Pilot[None]) -> Projector:
    await pilot.press("6")
    await until(pilot, lambda: app.present.check_action("join", ()) is True)
    await pilot.press("j")
    assert isinstance(app.screen, Projector)
    return app.screen


def test_code_address_and_qr_fit_eighty_by_twenty_four():
    shown = plain(classes.join_screen())
    for row in qr(classes.join_screen().join_url):
        assert row.plain in shown
    for part in ("K7QM", "2F9X"):
        for row in big(part, LARGE, Scale.HALF) or ():
            assert row.rstrip() in shown
    assert "http://10.0.4.7:7411" in shown
    for said in ("23 of 30 joined", "41 min left", "answers in 0.8 s", "OFFLINE", "OPEN", "olmo-2-7b"):
        assert said in shown


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://10.0.4.7:7411", ["10.0.4.7:7411"]),
        ("https://192.168.100.200:7411", ["192.168.100.200", ":7411"]),
        ("http://lab-01.local", ["LAB-01.LOCAL"]),
    ],
)
def test_the_address_is_big_too_where_there_is_room(url: str, parts: list[str]):
    shown = plain(classes.join_screen(url=url), (118, 36))
    for part in parts:
        assert all(row.strip() in shown for row in big(part, LARGE, Scale.HALF) or ())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_longer_than_the_terminal(size: tuple[int, int], ascii_only: bool):
    made = lines(classes.join_screen(poll=classes.POLL), size, ascii_only=ascii_only)
    assert all(line.cell_len <= size[0] for line in made)
    assert len(made) <= max(4, size[1])


def test_a_terminal_without_blocks_gets_number_signs():
    shown = plain(classes.join_screen(), ascii_only=True)
    assert shown.isascii()
    assert all(row.rstrip() in shown for row in big("K7QM", LARGE, Scale.PLAIN) or ())
    assert "http://10.0.4.7:7411" in shown


def test_a_large_terminal_without_blocks_gets_its_qr_out_of_backgrounds():
    made = lines(classes.join_screen(), (160, 48), ascii_only=True)
    assert any("on white" in str(span.style) for line in made for span in line.spans)
    assert plain(classes.join_screen(), (160, 48), ascii_only=True).isascii()


def test_a_code_is_always_there_however_small_the_terminal():
    assert "K7QM-2F9X" in plain(classes.join_screen(), (38, 10))


def test_without_a_code_nobody_is_invited():
    shown = plain(classes.join_screen(code=""))
    assert "No code is valid" in shown
    assert not any(row.plain in shown for row in qr(classes.join_screen(code="").join_url))


def test_a_vote_tells_which_is_which_only_when_it_is_over():
    assert "VOTE OPEN, 14 votes" in plain(classes.join_screen(poll=classes.POLL))
    over = PollState(
        id="p", prompt="x", open=False, votes_a=9, votes_b=3, ties=2, a="olmo", b="llama", seed=1
    )
    assert "A olmo 9, B llama 3, as good 2" in plain(classes.join_screen(poll=over))


@pytest.mark.parametrize("letter", CODE_LETTERS)
def test_every_letter_of_a_code_is_drawn_unlike_any_other(letter: str):
    own = big(letter, LARGE, Scale.PLAIN)
    assert own is not None
    assert own not in [big(one, LARGE, Scale.PLAIN) for one in CODE_LETTERS if one != letter]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_titles_models_and_votes_are_text(text: str):
    poll = PollState(id="p", prompt=text, open=True, votes_a=0, votes_b=0, ties=0, a="", b="", seed=1)
    shown = plain(classes.join_screen(title=text, poll=poll))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown.split("\n")) == 24


async def test_j_fills_the_terminal_with_the_code_that_is_valid():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        projector = await to_projector(app, pilot)
        await until(pilot, lambda: "23 of 30 joined" in projector.plain)
        assert app.deeds == []
        await pilot.press("escape")
        assert app.screen is app.present


async def test_j_makes_a_code_where_none_is_valid():
    the_box = box()
    the_box.put("class.projector", classes.join_screen(code=""), name="nlp-3")
    app = Doing(the_box)
    async with app.run_test(size=NARROW) as pilot:
        projector = await to_projector(app, pilot)
        await until(pilot, lambda: "No code is valid" in projector.plain)
        assert app.deeds == [Deed("class.join-screen", {"name": "nlp-3"}, quiet=True)]
        the_box.put("class.projector", classes.join_screen(), name="nlp-3")
        await until(pilot, lambda: "No code is valid" not in projector.plain)
        the_box.put("class.projector", classes.join_screen(code=""), name="nlp-3")
        await until(pilot, lambda: "No code is valid" in projector.plain)
        assert len(app.deeds) == 1


async def test_nobody_is_let_into_a_class_that_is_over():
    the_box = box()
    the_box.put("class.projector", classes.join_screen(code="", state="over"), name="nlp-3")
    app = Doing(the_box)
    async with app.run_test(size=NARROW) as pilot:
        projector = await to_projector(app, pilot)
        await until(pilot, lambda: "OVER" in projector.plain)
        assert app.deeds == []


async def test_who_joins_is_seen_and_nothing_is_followed_after_it_is_closed():
    the_box = box()
    app = Doing(the_box)
    async with app.run_test(size=NARROW) as pilot:
        projector = await to_projector(app, pilot)
        await until(pilot, lambda: "23 of 30" in projector.plain)
        the_box.put("class.projector", classes.join_screen("WXYZ-2345"), name="nlp-3")
        await until(pilot, lambda: (big("WXYZ", LARGE, Scale.HALF) or [""])[1] in projector.plain)
        await pilot.press("escape")
        await until(pilot, lambda: all(one.action != "class.projector" for one in the_box.watched[-1]))


async def test_a_new_code_and_no_code_are_a_key_away():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_projector(app, pilot)
        await pilot.press("n", "x")
    assert [one.arguments for one in app.deeds] == [
        {"name": "nlp-3", "new": True},
        {"name": "nlp-3", "end": True},
    ]


async def test_a_viewer_that_only_looks_makes_no_code():
    the_box = box(readonly=True)
    the_box.put("class.projector", classes.join_screen(code=""), name="nlp-3")
    app = Doing(the_box)
    async with app.run_test(size=NARROW) as pilot:
        projector = await to_projector(app, pilot)
        await until(pilot, lambda: "23 of 30 joined" in projector.plain)
    assert app.deeds == []


@pytest.mark.parametrize("size", [WIDE, NARROW, (60, 15), (40, 10)])
async def test_it_is_drawn_anew_when_the_terminal_changes(size: tuple[int, int]):
    app = Doing(box())
    async with app.run_test(size=(100, 30)) as pilot:
        projector = await to_projector(app, pilot)
        await until(pilot, lambda: "23 of 30 joined" in projector.plain)
        await pilot.resize_terminal(*size)
        await pilot.pause(0.3)
        assert len(projector.plain.split("\n")) == size[1]
