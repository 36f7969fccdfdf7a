"""PEOPLE, what waits for a decision: read in full, then approved or refused."""

import pytest
from textual.pilot import Pilot

from appliance.domain.results import ApplicationList, BudgetRequestList
from appliance.errors import NotAllowed
from tests.tui.doing import Doing, until
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes import people
from tests.tui.scenes.lab import HEAD
from tui.app import CarrelApp
from tui.deeds import Deed
from tui.parts.closeups import CloseUp
from tui.parts.facts import Facts
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.people.approving import application_pairs, self_approval

pytestmark = pytest.mark.slow

NARROW, WIDE = (80, 24), (120, 36)


def box() -> FakeBox:
    return FakeBox(*HEAD, *people.ANSWERS)


def rows(app: CarrelApp, table: str) -> list[str]:
    return [row.key for row in app.present.query_one(f"#{table}", Rows).rows]


async def to_requests(app: CarrelApp, pilot: Pilot[None]) -> None:
    await pilot.press("5", "t")
    await until(pilot, lambda: "app_51c0a2" in rows(app, "applications"))


async def test_the_place_says_how_many_wait():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "requests (6)" in app.present.query_one("#place", Lines).plain)


async def test_an_application_is_approved_from_the_list_by_a_form():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_requests(app, pilot)
        await pilot.press("a")
    deed = Deed("access.decide", {"id": "app_51c0a2", "approve": True}, form=True, subject="app_51c0a2")
    assert app.deeds == [deed]


async def test_an_application_is_read_in_full_and_refused_from_there():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_requests(app, pilot)
        await pilot.press("down", "enter")
        assert isinstance(app.screen, CloseUp)
        for said in (
            "Comparing refusals",
            "restricted",
            "Where answers come from",
            "self-approved",
            "Teaching how",
        ):
            assert said in app.screen.plain
        await pilot.press("r")
        assert app.screen is app.present
    deed = Deed("access.decide", {"id": "app_77d1e0", "deny": True}, form=True, subject="app_77d1e0")
    assert app.deeds == [deed]


async def test_a_request_for_more_is_approved_and_refused():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_requests(app, pilot)
        await pilot.press("tab", "a", "down", "r")
    assert [(one.action, one.arguments) for one in app.deeds] == [
        ("budget.decide", {"id": "req_11", "approve": True}),
        ("budget.decide", {"id": "req_12", "deny": True}),
    ]
    assert all(one.form for one in app.deeds)


async def test_what_is_chosen_stands_beside_the_lists_where_there_is_room():
    app = CarrelApp(box())
    async with app.run_test(size=WIDE) as pilot:
        await to_requests(app, pilot)
        pane = app.present.query_one("#asked-facts", Facts)
        await until(pilot, lambda: "Logit lens homework" in pane.plain)
        await pilot.press("tab")
        await until(pilot, lambda: "My loop ran twice" in pane.plain)


async def test_esc_leads_back_to_the_people():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_requests(app, pilot)
        await pilot.press("escape")
        assert app.focused is not None
        assert app.focused.id == "projects"


async def test_who_may_not_decide_is_told_in_the_list():
    the_box = box()
    for action in ("access.queue", "budget.requests"):
        the_box.put(action, NotAllowed("This is for reviewers."))
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("5", "t")
        await until(pilot, lambda: "This is for reviewers." in screen_text(app))
        assert not app.present.query_one("#trouble", Lines).plain


def screen_text(app: CarrelApp) -> str:
    return app.export_screenshot().replace("&#160;", " ")


async def test_hostile_purposes_and_reasons_are_shown_as_text():
    """All of them in both lists, each beside them where there is room, then closely where there is little."""
    the_box = box()
    hostile = tuple(
        people.application(f"app_{n}", text, text, text, project=text) for n, text in enumerate(HOSTILE)
    )
    the_box.put("access.queue", ApplicationList(applications=hostile))
    asked = tuple(people.ask(f"req_{n}", text, 3, text) for n, text in enumerate(HOSTILE))
    the_box.put("budget.requests", BudgetRequestList(requests=asked))
    app = CarrelApp(the_box)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("5", "t")
        await until(pilot, lambda: len(rows(app, "applications")) == len(HOSTILE))
        for key, then in (("down", ()), ("enter", ("escape", "up"))):
            for _ in range(2):
                for _ in HOSTILE:
                    await pilot.press(key)
                    assert isinstance(app.screen, CloseUp) == (key == "enter")
                    assert not {"\x1b", "\u202e"} & set(screen_text(app))
                    await pilot.press(*then)
                await pilot.press("tab")
            await pilot.resize_terminal(*NARROW)
        assert app.is_running


def test_an_approval_says_what_it_will_record():
    application = people.application("app_1", "a.khan", "llama-3.1-8b", "homework")
    said = " ".join(f"{name} {fact}" for name, fact in application_pairs(application, None))
    assert "a grant of llama-3.1-8b to project nlp-3 for 90 days" in said
    assert "any reviewer but a.khan" in said


def test_a_project_of_one_person_is_told_from_others():
    application = people.application("app_1", "i.marek", "m", "thesis", project="thesis")
    alone = people.project("thesis", "Thesis", ("i.marek",), 1)
    assert "the only one of the project" in self_approval(application, alone)
    assert "the only one" not in self_approval(application, people.project("thesis", "Thesis", (), 2))
