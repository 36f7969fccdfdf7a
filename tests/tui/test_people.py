"""PEOPLE: from projects to people to keys by keys alone, and what each key begins."""

import itertools
import time
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from appliance.domain.results import MemberList, PersonList, ProjectList
from appliance.errors import NotAllowed
from tests.tui.doing import Doing, until
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes import people
from tests.tui.scenes.lab import HEAD
from tui.app import CarrelApp
from tui.deeds import Deed
from tui.parts.closeups import CloseUp
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.people.screen import PeopleScreen

pytestmark = pytest.mark.slow

NARROW, WIDE = (80, 24), (120, 36)
MANY = 2_000


def box(*, readonly: bool = False) -> FakeBox:
    return FakeBox(*HEAD, *people.ANSWERS, readonly=readonly)


def screen(app: CarrelApp) -> PeopleScreen:
    assert isinstance(app.present, PeopleScreen)
    return app.present


def rows(app: CarrelApp, table: str) -> list[str]:
    return [row.key for row in app.present.query_one(f"#{table}", Rows).rows]


def shown(app: CarrelApp, table: str) -> str:
    return "\n".join(
        " ".join(cell.text for cell in row.cells) for row in app.present.query_one(f"#{table}", Rows).rows
    )


def place(app: CarrelApp) -> str:
    return app.present.query_one("#place", Lines).plain


async def to_course(app: CarrelApp, pilot: Pilot[None]) -> None:
    """Into the people of nlp-3."""
    await pilot.press("5")
    await until(pilot, lambda: "nlp-3" in rows(app, "projects"))
    await pilot.press("down", "down", "down", "enter")
    await until(pilot, lambda: "a.khan" in rows(app, "people"))


async def to_keys(app: CarrelApp, pilot: Pilot[None]) -> None:
    """Into the keys of a.khan in nlp-3."""
    await to_course(app, pilot)
    await pilot.press("down", "enter")
    await until(pilot, lambda: "key_3f81c2a9" in rows(app, "keys"))


def begun(app: Doing) -> Deed:
    return app.deeds[-1]


@pytest.mark.parametrize("size", [NARROW, (60, 15)])
async def test_enter_drills_down_to_keys_and_esc_comes_back(size: tuple[int, int]):
    app = CarrelApp(box())
    async with app.run_test(size=size) as pilot:
        await to_keys(app, pilot)
        assert app.focused is not None
        assert app.focused.id == "keys"
        assert not app.present.query_one("#projects").display
        assert place(app).endswith("all projects > nlp-3 > a.khan")
        await pilot.press("escape", "escape")
        assert app.focused is not None
        assert app.focused.id == "projects"


async def test_three_tables_stand_beside_each_other_where_there_is_room():
    app = CarrelApp(box())
    async with app.run_test(size=WIDE) as pilot:
        await to_course(app, pilot)
        tables = [app.present.query_one(f"#{one}") for one in ("projects", "people", "keys")]
        assert all(one.display for one in tables)
        assert all(a.region.right <= b.region.x for a, b in itertools.pairwise(tables))
        await until(pilot, lambda: bool(rows(app, "keys")))


async def test_the_tables_follow_the_cursor_of_the_table_before():
    app = CarrelApp(box())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "d.wu" in rows(app, "people"))
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: "p.lead" in rows(app, "people"))


async def test_narrow_asks_for_nothing_that_it_does_not_show():
    the_box = box()
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await to_course(app, pilot)
        assert "key.list" not in {one.action for one in the_box.watched[-1]}
        assert len(the_box.watched[-1]) <= 24


async def test_bars_say_how_much_of_today_and_of_the_term_is_used():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "62%" in shown(app, "projects"))
        assert "34%" in shown(app, "projects")
        await to_course(app, pilot)
        await until(pilot, lambda: "100%" in shown(app, "people"))
        assert "SUSPENDED" in shown(app, "people")


async def test_keys_of_projects_begin_actions_with_the_chosen_one():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_course(app, pilot)
        await pilot.press("escape", *"niambxd")
    assert [(one.action, one.arguments) for one in app.deeds] == [
        ("project.new", {}),
        ("person.import", {"project": "nlp-3"}),
        ("person.new", {"project": "nlp-3"}),
        ("member.add", {"project": "nlp-3"}),
        ("budget.set", {"project": "nlp-3"}),
        ("project.close", {"project": "nlp-3"}),
        ("project.show", {"project": "nlp-3"}),
    ]


async def test_keys_of_people_begin_actions_with_the_chosen_one():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_course(app, pilot)
        await pilot.press("down", *"naibxod")
    assert [(one.action, one.arguments) for one in app.deeds] == [
        ("key.new", {"project": "nlp-3", "person": "a.khan"}),
        ("person.new", {"project": "nlp-3"}),
        ("person.import", {"project": "nlp-3"}),
        ("budget.set", {"project": "nlp-3", "person": "a.khan"}),
        ("person.end", {"person": "a.khan"}),
        ("member.remove", {"project": "nlp-3", "person": "a.khan"}),
        ("person.show", {"person": "a.khan"}),
    ]


async def test_a_suspended_person_is_resumed_and_not_suspended_again():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_course(app, pilot)
        app.present.query_one("#people", Rows).choose("g.ili")
        await pilot.press("x")
        assert app.deeds == []
        await pilot.press("R")
        assert begun(app) == Deed("person.resume", {"person": "g.ili"}, subject="g.ili")


async def test_a_key_is_revoked_by_its_id_and_limited_from_what_it_has():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_keys(app, pilot)
        await pilot.press("x")
        assert begun(app).action == "key.revoke"
        assert begun(app).subject == "key_3f81c2a9"
        await pilot.press("e")
        assert begun(app).arguments["requests_per_minute"] == 30
        await pilot.press("b")
        assert begun(app).arguments == {"project": "nlp-3", "key": "key_3f81c2a9"}


async def test_enter_on_a_key_tells_what_it_is_without_its_secret():
    app = Doing(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_keys(app, pilot)
        await pilot.press("down", "enter")
        dialog = app.screen
        assert isinstance(dialog, CloseUp)
        assert "key_77b0de41" in dialog.plain or "key_90aa12fe" in dialog.plain
        await pilot.press("escape")
        assert app.screen is app.present


async def test_the_copied_command_is_that_of_what_is_chosen():
    app = CarrelApp(box())
    async with app.run_test(size=NARROW) as pilot:
        await to_keys(app, pilot)
        assert screen(app).copied_command() == "carrel key list --project nlp-3 --person a.khan"
        await pilot.press("escape")
        assert screen(app).copied_command() == "carrel person show a.khan"
        await pilot.press("escape")
        assert screen(app).copied_command() == "carrel project show nlp-3"


async def test_a_viewer_that_only_looks_sees_the_same():
    app = CarrelApp(box(readonly=True))
    async with app.run_test(size=NARROW) as pilot:
        await to_keys(app, pilot)
        assert "laptop" in shown(app, "keys")


async def test_a_refusal_is_said_and_goes_with_what_it_is_about():
    the_box = box()
    the_box.put("member.list", NotAllowed("This is for administrators."), project="nlp-3")
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "nlp-3" in rows(app, "projects"))
        await pilot.press("down", "down", "down", "enter")
        trouble = app.present.query_one("#trouble", Lines)
        await until(pilot, lambda: "for administrators" in trouble.plain)
        await pilot.press("escape")
        await until(pilot, lambda: not trouble.plain)


def harmless(app: CarrelApp) -> bool:
    return not {"\x1b", "\u202e"} & set(app.export_screenshot())


async def test_hostile_names_and_labels_are_shown_as_text():
    """All of them in each table, then the key of each closely."""
    the_box = box()
    ids = [(f"p{n:02}", f"x{n:02}", f"key_{n:02}", text) for n, text in enumerate(HOSTILE)]
    projects = tuple(people.project(one, text, (text,), 2) for one, _, _, text in ids)
    the_box.put("project.list", ProjectList(projects=projects))
    known = tuple(people.person(one, text, ("p00",)) for _, one, _, text in ids)
    the_box.put("person.list", PersonList(people=known))
    members = tuple(people.member("p00", one, text) for _, one, _, text in ids)
    the_box.put("member.list", MemberList(project="p00", members=members))
    the_box.put(
        "key.list", people.KeyList(keys=tuple(people.key(one, text, "x00") for _, _, one, text in ids))
    )
    app = CarrelApp(the_box)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "p00" in rows(app, "projects"))
        assert harmless(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(rows(app, "people")) >= len(HOSTILE))
        assert harmless(app)
        app.present.query_one("#people", Rows).choose("x00")
        await pilot.press("enter")
        await until(pilot, lambda: len(rows(app, "keys")) == len(HOSTILE))
        for _ in HOSTILE:
            await pilot.press("enter")
            assert isinstance(app.screen, CloseUp)
            assert harmless(app)
            await pilot.press("escape", "down")
            assert harmless(app)
        assert app.is_running


def crowd() -> FakeBox:
    """Two thousand people, of whom each has used something."""
    the_box = box()
    ids = [f"student.{number:04}" for number in range(MANY)]
    accounts = tuple(
        people.account(one, n % 50 * people.CREDIT, 50 * people.CREDIT) for n, one in enumerate(ids)
    )
    the_box.put(
        "member.list",
        MemberList(project="nlp-3", members=tuple(people.member("nlp-3", one, one.title()) for one in ids)),
        project="nlp-3",
    )
    the_box.put(
        "budget.show",
        people.budget(
            "nlp-3",
            people.CREDIT,
            None,
            people.allocation("person", "day", 50 * people.CREDIT, accounts),
            people.allocation("person", "term", 500 * people.CREDIT, accounts),
        ),
        project="nlp-3",
    )
    the_box.put("usage", people.usage(tuple((one, n) for n, one in enumerate(ids))), by="person")
    return the_box


async def test_two_thousand_people_stay_fluent(record_property: Callable[[str, object], None]):
    app = CarrelApp(crowd())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "nlp-3" in rows(app, "projects"))
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: len(rows(app, "people")) == MANY)
        await until(pilot, lambda: "98%" in shown(app, "people"))
        began = time.process_time()
        for _ in range(4):
            screen(app).folk._drawn.clear()
            screen(app).folk.draw_people()
        drawn_ms = (time.process_time() - began) * 250
        record_property("drawn_ms", round(drawn_ms, 1))
        began = time.process_time()
        for _ in range(20):
            await pilot.press("down")
        pressed_ms = (time.process_time() - began) * 50
        record_property("pressed_ms", round(pressed_ms, 1))
        await pilot.press("slash", *"0777", "enter")
        assert rows(app, "people") == ["student.0777"]
        print(f"2,000 people: drawn in {drawn_ms:.0f} ms, a key in {pressed_ms:.0f} ms")
        assert drawn_ms < 150, drawn_ms
        assert pressed_ms < 100, pressed_ms
