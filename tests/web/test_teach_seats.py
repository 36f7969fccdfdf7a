"""The grid of a class's seats, and one of them looked at closely."""

import pytest

from tests.web.class_box import class_box
from tests.web.fakes import NOON_MS
from tests.web.lesson_results import seat, seats


@pytest.fixture
def box():
    return class_box()


async def test_each_seat_has_its_state_as_a_word_and_a_sign(box):
    box.operations.answers["class.seats"] = seats(
        seat(1, "ada"),
        seat(2, "bob", state="waits", waits_s=8, waiting=1),
        seat(3, "cid", state="error"),
        seat(4, "dan", state="limit", tokens=50_000),
        seat(5, "eve", state="free"),
        seat(6, "fox", state="idle", limit_tokens=0, tokens=12),
    )
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday")
    cells = [cell.words for cell in page.one(class_="seats").all("li")]
    expected = ("✓ ok", "… waits 8 s", "✕ error", "■ limit", "○ free", "● idle")
    for cell, state in zip(cells, expected, strict=True):
        assert state in cell
    assert "1.2k of 50k tokens" in cells[0]
    assert "0 running, 1 waiting" in cells[1]
    assert "12 tokens" in cells[5]
    assert "✕ 1 with an error" in page.one(id="seats-now").words


async def test_the_grid_asks_again_and_keeps_what_it_has_while_nothing_changes(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday")
        now = page.one(id="seats-now").attributes
        assert now["hx-trigger"] == "every 2s"
        again = await browser.get(now["hx-get"])
        assert (again.status_code, again.content) == (204, b"")
        box.operations.answers["class.seats"] = seats(seat(tokens=9000))
        changed = await browser.get(now["hx-get"])
    assert changed.status_code == 200
    assert "9.0k of 50k" in changed.text
    assert "<html" not in changed.text


async def test_a_seat_shows_its_last_error_in_words_and_what_helps(box):
    trouble = {
        "state": "error",
        "trouble": "Your key is unknown. Type it again.",
        "trouble_code": "invalid_api_key",
        "trouble_ms": NOON_MS - 240_000,
        "trouble_request": "req_77",
        "mend": "reissue",
    }
    box.operations.answers["class.seats"] = seats(seat(**trouble))
    async with box.browser("crl_lead") as browser:
        whole = await browser.page("/teach/monday?seat=ada")
        fragment = await browser.page("/teach/monday/_seat?seat=ada")
    for page in (whole, fragment):
        words = page.one("article").words
        assert "Your key is unknown. Type it again." in words
        assert "req_77" in words
        assert "4 min ago" in words
        reissue, top_up, _ = page.one("article").all("button")
        assert "class" not in reissue.attributes
        assert top_up.attributes["class"] == "secondary"


async def test_a_seat_that_is_not_there_is_told(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/_seat?seat=nobody")
    assert "no such seat" in page.words


@pytest.mark.parametrize(
    ("what", "action", "arguments"),
    [
        ("top-up", "class.top-up", {"tokens": 10_000}),
        ("release", "class.release", {}),
    ],
)
async def test_a_seat_is_helped_by_one_press(box, what, action, arguments):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday?seat=ada")
        once = page.one("input", name="once").attributes["value"]
        answer = await browser.send("/teach/monday/seat", seat="ada", what=what, once=once)
        assert answer.status_code == 303
        assert page.one("button", value=what)
        assert (await browser.page(answer.headers["location"])).all(class_="notice good")
    assert box.operations.called(action) == [
        {"name": "monday", "project": "seminar", "seat": "ada", **arguments}
    ]


async def test_a_new_key_is_shown_once_and_made_once(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday?seat=ada")
        once = page.one("input", name="once").attributes["value"]
        made = await browser.send("/teach/monday/seat", seat="ada", what="reissue", once=once)
        again = await browser.send("/teach/monday/seat", seat="ada", what="reissue", once=once)
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    assert "crl_ ABCD" in " ".join(made.text.replace("<span>", "").replace("</span>", "").split())
    assert again.status_code == 409
    assert "crl_" not in again.text.replace("crl_…", "")
    assert len(box.operations.called("class.reissue")) == 1
