"""The projector shows what a class may read from the wall, and nothing of anybody."""

import pytest

from appliance.domain.results import JoinScreen
from tests.web.class_box import class_box
from tests.web.fakes import parsed
from tests.web.lesson_results import poll, screen, seat_key


@pytest.fixture
def box():
    return class_box()


async def shown(box, **changes):
    box.operations.answers["class.projector"] = screen(**changes)
    async with box.browser("crl_lead") as browser:
        return await browser.page("/project/monday")


async def test_it_shows_code_address_and_how_many_joined(box):
    page = await shown(box)
    assert page.one(class_="projector-code").words == "K7QM-2F9X"
    assert page.one(class_="projector-url").words == "http://10.20.0.5:7480/join"
    assert page.all("svg", class_="qr")
    words = page.one(id="projector").words
    assert "23 of 30 joined" in words
    assert "1 h 0 min left" in words
    assert "answers in ~1.9 s" in words
    assert "http://carrel.local:7480" in words
    assert "OFFLINE" not in words
    assert "EXAM" not in words


async def test_badges_say_what_kind_of_class_it_is(box):
    words = (await shown(box, offline=True, mode="exam", state="paused")).words
    for badge in ("OFFLINE", "EXAM", "PAUSED"):
        assert badge in words


async def test_nothing_on_it_is_of_anybody(box):
    page = await shown(box)
    assert "Ada" not in page.words
    assert "Prof" not in page.words
    assert "crl_" not in page.words
    assert set(box.operations.calls[0][1]) == {"name", "project"}
    assert [name for name, _ in box.operations.calls] == ["class.projector"]
    assert not {"person", "key", "name"} & set(JoinScreen.__struct_fields__)
    assert seat_key().key not in page.words


async def test_an_expired_code_is_made_anew_by_a_press(box):
    page = await shown(box, code="", code_ends_ms=None)
    assert not page.all(class_="projector-code")
    form = page.one("form", action="/project/monday/code")
    assert form.one("button").words
    async with box.browser("crl_lead") as browser:
        answer = await browser.send("/project/monday/code")
    assert answer.headers["location"] == "/project/monday"
    assert box.operations.called("class.join-screen") == [
        {"name": "monday", "project": "seminar", "new": True}
    ]


async def test_it_asks_again_and_stays_as_it_is_while_nothing_changes(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/project/monday")
        again = page.one(id="projector").attributes["hx-get"]
        assert (await browser.get(again)).status_code == 204
        box.operations.answers["class.projector"] = screen(joined=24, now_ms=screen().now_ms + 2000)
        changed = await browser.get(again)
    assert "24 of 30" in parsed(changed.text).words


async def test_a_class_that_is_over_says_so_and_asks_no_more(box):
    page = await shown(box, state="over", code="", code_ends_ms=None)
    assert "The class is over" in page.words
    assert "hx-get" not in page.one(id="projector").attributes
    assert not page.all("form")


async def test_a_vote_is_counted_on_the_wall_and_told_when_it_is_over(box):
    words = (await shown(box, poll=poll())).one(class_="projector-poll").words
    assert "Why is the sky blue?" in words
    assert "3" in words
    assert "tiny" not in words
    words = (
        (await shown(box, poll=poll(open=False, a="tiny", b="tiny@q4"))).one(class_="projector-poll").words
    )
    assert "A: tiny" in words
    assert "B: tiny@q4" in words
