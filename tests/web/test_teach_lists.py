"""The classes of a lead, and who has none."""

import pytest

from appliance.domain.results import ClassList
from tests.web.class_box import class_box
from tests.web.lesson_results import line


@pytest.fixture
def box():
    return class_box()


async def test_a_lead_sees_their_classes_with_state_and_seats(box):
    box.operations.answers["class.list"] = ClassList(classes=(line(), line(id="tuesday", state="paused")))
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach")
    rows = [row.words for row in page.one("tbody").all("tr")]
    assert len(rows) == 2
    assert "▶ open" in rows[0]
    assert "1 of 2" in rows[0]
    assert "‖ paused" in rows[1]
    assert page.all("a", href="/teach/monday")
    assert page.all("a", href="/teach/_new")
    assert box.operations.called("class.list") == [{"all": False, "project": "seminar"}]


async def test_those_that_are_over_are_shown_when_asked_for(box):
    async with box.browser("crl_lead") as browser:
        await browser.page("/teach?all=1")
    assert box.operations.called("class.list") == [{"all": True, "project": "seminar"}]


async def test_who_leads_nothing_is_told_whom_to_ask(box):
    async with box.browser("crl_student") as browser:
        page = await browser.page("/teach")
    assert "carrel member add" in page.one("main").words
    assert not page.all("a", href="/teach/_new")
    assert box.operations.calls == []


async def test_a_lead_of_a_project_that_is_no_course_is_told_what_is_missing(box):
    box.people.kind = "research"
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach")
    assert "--kind course" in page.one("main").words
    assert box.operations.calls == []


async def test_without_a_session_one_signs_in_first(box):
    async with box.browser() as browser:
        answer = await browser.get("/teach")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?to=teach")
