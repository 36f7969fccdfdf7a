"""A list for a class that is there: a dry run shows what it does, and a press does it."""

import pytest

from appliance.errors import BadRequest
from tests.web.class_box import class_box
from tests.web.fakes import parsed
from tests.web.lesson_results import roster, roster_seat

LIST = "Student\nAda Oakley\nZoe Ash"


@pytest.fixture
def box():
    box = class_box()
    box.operations.answers["class.roster"] = roster(
        roster_seat(2, "present"),
        roster_seat(3, "new", "Zoe Ash"),
        roster_seat(4, "problem", "", "neither a name, nor a login"),
        roster_seat(0, "missing", "Bob Birch"),
    )
    return box


async def test_it_is_looked_at_by_a_dry_run_first(box):
    async with box.browser("crl_lead") as browser:
        answer = await browser.send("/teach/monday/roster", what="preview", roster=LIST)
        words = parsed(answer.text).one(class_="preview").words
        assert "2 students, 1 problem, 1 left out" in words
        assert "not in this list, keeps the seat: Bob Birch" in words
        assert "there already" in words
        assert "neither a name" in words
    assert box.operations.called("class.roster") == [
        {"name": "monday", "project": "seminar", "file": LIST, "dry_run": True}
    ]


async def test_what_was_looked_at_is_taken_in(box):
    async with box.browser("crl_lead") as browser:
        looked = parsed((await browser.send("/teach/monday/roster", what="preview", roster=LIST)).text)
        mark = looked.one("input", name="previewed").attributes["value"]
        other = await browser.send("/teach/monday/roster", what="take", roster=LIST + "\nEve", previewed=mark)
        assert "Nothing is written yet" in other.text
        taken = await browser.send("/teach/monday/roster", what="take", roster=LIST, previewed=mark)
    assert taken.headers["location"] == "/teach/monday?did=taken"
    dry = [call.get("dry_run", False) for call in box.operations.called("class.roster")]
    assert dry == [True, True, False]


async def test_a_list_that_is_none_is_told_beside_what_was_pasted(box):
    box.operations.answers["class.roster"] = BadRequest("The file has no line with heads of columns.")
    async with box.browser("crl_lead") as browser:
        answer = await browser.send("/teach/monday/roster", what="preview", roster=LIST)
        empty = await browser.send("/teach/monday/roster", what="preview")
    assert answer.status_code == 400
    assert "no line with heads" in answer.text
    assert "Zoe Ash" in parsed(answer.text).one("textarea").text
    assert empty.status_code == 400
