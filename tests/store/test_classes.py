"""Classes, seats and their keys on the disk: each change is one commit, and comes back as it was."""

from dataclasses import replace

import pytest

from appliance.domain.classes import FrozenModel, SeatCaps
from appliance.domain.enrolling import Enrolment, Founding
from appliance.domain.people import Intake, Membership, Person, Project
from appliance.errors import Conflict
from tests.services.class_fakes import COURSE, NOON_MS, class_desk

NOBODY = Intake([], [], [], [])


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        yield desk


async def test_a_class_comes_back_as_it_was(desk):
    made = await desk.lesson(
        "exam",
        mode="exam",
        caps=SeatCaps(1, 2, 3, 4),
        starts_ms=NOON_MS,
        guests=5,
        networks=("10.0.0.0/24",),
        seed=7,
        plain=True,
        address="10.0.0.5",
        message="hello",
        frozen=(FrozenModel("m@q8", "3", "ab"),),
    )
    assert list(await desk.store.classes.all()) == [made]
    over = replace(made, over_ms=NOON_MS, paused_ms=NOON_MS, opened_ms=None, title="Other")
    await desk.store.classes.change(over)
    assert list(await desk.store.classes.all()) == [over]


async def test_an_id_is_given_once_and_then_nothing_of_it_is_written(desk):
    made = await desk.lesson()
    person = Person("new", "New", NOON_MS)
    founding = Founding(
        made, Enrolment(replace(NOBODY, new=[person]), []), Project("fresh", "fresh", NOON_MS, kind="course")
    )
    with pytest.raises(Conflict):
        await desk.store.classes.add(founding)
    assert "fresh" not in {one.id for one in await desk.store.projects.all()}
    assert "new" not in {one.id for one in await desk.store.people.all()}


async def test_a_course_is_made_with_its_class(desk):
    lesson = replace(await desk.lesson(), id="tuesday", project_id="tuesday")
    project = Project("tuesday", "Tuesday", NOON_MS, kind="course")
    await desk.store.classes.add(Founding(lesson, Enrolment(NOBODY, []), project))
    assert (await desk.store.budgets.get("tuesday")).spent_micro == 0


async def test_seats_are_written_with_their_persons_or_not_at_all(desk):
    lesson = await desk.lesson()
    seat = replace(await desk.seat(lesson), person_id="bob", number=2)
    people = Intake([Person("bob", "Bob", NOON_MS)], [], [Membership(COURSE, "bob", "member", NOON_MS)], [])
    await desk.store.classes.enrol(Enrolment(people, [seat]))
    assert [(one.person_id, one.number) for one in await desk.store.classes.seats()] == [
        ("ioakley", 1),
        ("bob", 2),
    ]
    with pytest.raises(Conflict):
        await desk.store.classes.enrol(Enrolment(people, [replace(seat, person_id="prof", number=3)]))
    assert len(await desk.store.classes.seats()) == 2


async def test_every_key_that_a_seat_had_is_remembered(desk):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson, key=True)
    first = desk.made.key.id
    second = (await desk.seat_keys.make(lesson, seat, how="card", actor_name="prof")).key.id
    assert dict(await desk.store.classes.keys()) == {
        first: ("monday", "ioakley"),
        second: ("monday", "ioakley"),
    }
    assert {one.id: one.revoked_ms for one in await desk.store.keys.all()} == {first: NOON_MS, second: None}
    await desk.reload()
    assert desk.book.seat("monday", "ioakley").key_id == second
    assert desk.book.sitting_of_key(first).seat.key_id == second


async def test_a_class_that_ends_takes_all_its_keys(desk):
    lesson = await desk.lesson()
    await desk.seats(lesson, 3, key=True)
    other = await desk.keys.issue(name="own", project=COURSE, person="prof")
    await desk.store.classes.end_keys(lesson.id, NOON_MS)
    left = [one.id for one in await desk.store.keys.all() if one.revoked_ms is None]
    assert left == [other.key.id]
    allocations = await desk.store.allocations.standing(COURSE)
    assert [one.scope.value for one, _ in allocations] == ["project"]


async def test_an_erased_person_keeps_a_seat_that_names_nobody(desk):
    lesson = await desk.lesson()
    await desk.seat(lesson, given="20260017", key=True)
    await desk.store.personal.erase_person("ioakley", "erased-1", NOON_MS)
    await desk.reload()
    seat = desk.book.seat("monday", "erased-1")
    assert (seat.given, seat.number) == ("", 1)
    assert desk.book.seat("monday", "ioakley") is None
    assert desk.keys.caller_of(seat.key_id) is None
