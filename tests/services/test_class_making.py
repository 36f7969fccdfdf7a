"""Classes are made by operators and leads, changed for the keys that are out already, listed, shown."""

from datetime import datetime

import pytest

from appliance.domain.actor import Actor
from appliance.domain.classes import FrozenModel
from appliance.domain.people import KeyLimits, Project
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound
from tests.people.exports import CANVAS
from tests.services.class_fakes import COURSE, ELSEWHERE, HOUR_MS, MODEL, NOON_MS, PROF, ROOT, class_desk
from tests.services.class_teaching import ZONE, Teaching


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def teaching(desk):
    return Teaching(desk)


def local(at_ms):
    return datetime.fromtimestamp(at_ms / 1000, ZONE).strftime("%m-%d %H:%M")


async def test_a_class_is_made_with_its_list_and_what_runs(teaching, desk):
    made = await teaching.making.new(name="monday", project=COURSE, roster=CANVAS, title="NLP 1", actor=PROF)
    assert (made.id, made.project, made.title, made.state) == ("monday", COURSE, "NLP 1", "planned")
    assert (made.models, made.mode, made.seats, made.taken) == ((MODEL,), "open", 2, 0)
    assert (made.ends_ms, made.keys_end_ms) == (NOON_MS + 2 * HOUR_MS, NOON_MS + 2 * HOUR_MS + 600_000)
    assert (made.seat_tokens, made.seat_running) == (50_000, 2)
    assert made.warnings == (
        "Line 2 of the list was left out: the row of points that are possible.",
        "Line 5 of the list was left out: the test student of the course.",
    )
    await desk.reload()
    assert [one.person_id for one in desk.book.seats("monday")] == ["ioakley", "jbrandt"]
    assert desk.book.require("monday").created_by == "prof"
    assert desk.directory.part(COURSE, "jbrandt") == "member"


async def test_an_operator_without_a_course_makes_one_too(teaching, desk):
    made = await teaching.making.new(name="monday", roster=CANVAS, actor=ROOT)
    assert made.project == "monday"
    course = desk.directory.project("monday")
    assert (course.kind, course.name) == ("course", "monday")
    await desk.reload()
    assert desk.directory.part("monday", "ioakley") == "member"
    with pytest.raises(Conflict, match="--project hospital"):
        await teaching.making.new(name=ELSEWHERE, actor=ROOT)


async def test_a_list_that_is_none_leaves_nothing_behind(teaching, desk):
    with pytest.raises(BadRequest, match="heads of columns"):
        await teaching.making.new(name="monday", roster="hello", actor=ROOT)
    await desk.reload()
    assert (desk.book.find("monday"), desk.directory.project("monday")) == (None, None)


async def test_times_are_those_of_the_box(teaching):
    made = await teaching.making.new(
        name="m", project=COURSE, starts="18:10", ends="19:40", guests=3, actor=PROF
    )
    assert (local(made.starts_ms), local(made.ends_ms)) == ("09-21 18:10", "09-21 19:40")
    again = await teaching.making.change(name="m", project=COURSE, starts="none", minutes=30)
    assert (again.starts_ms, again.ends_ms) == (None, NOON_MS + 30 * 60_000)
    with pytest.raises(BadRequest, match="not both"):
        await teaching.making.change(name="m", minutes=5, ends="20:00")


async def test_an_end_that_nobody_set_moves_with_the_beginning(teaching):
    made = await teaching.making.new(name="m", project=COURSE, starts="2026-10-01T10:10", actor=PROF)
    assert local(made.ends_ms) == "10-01 12:10"


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"name": "Monday"}, "a-z"),
        ({"name": "../x"}, "a-z"),
        ({"ends": "2026-09-01"}, "later"),
        ({"starts": "2026-10-01", "ends": "2026-09-30"}, "after it begins"),
        ({"ends": "2029-01-01"}, "within a year"),
        ({"networks": "10.0.0.0/33"}, "no network"),
        ({"models": ",".join(f"m{one}" for one in range(9))}, "at most 8 models"),
        ({"name": "x" * 60, "guests": 1}, "at most 53 characters"),
        ({"title": "a\x1bb"}, "visible text"),
    ],
)
async def test_what_no_class_may_be_is_refused(teaching, wishes, says):
    with pytest.raises(BadRequest, match=says):
        await teaching.making.new(**{"name": "m", "project": COURSE, "actor": PROF, **wishes})


async def test_models_are_taken_as_they_are_served_and_unknown_ones_refused(teaching):
    made = await teaching.making.new(name="m", project=COURSE, models="small, other@f16,small", actor=PROF)
    assert made.models == (MODEL, "other@f16")
    with pytest.raises(ModelNotFound):
        await teaching.making.new(name="n", project=COURSE, models="nothing", actor=PROF)


async def test_without_a_model_that_runs_there_is_none_and_a_warning(teaching):
    teaching.models.runs = ()
    made = await teaching.making.new(name="m", project=COURSE, actor=PROF)
    assert (made.models, made.warnings) == ((), ("mind the gap",))


async def test_classes_are_in_courses_that_are_there(teaching, desk):
    with pytest.raises(BadRequest, match=r"kind research.*--kind course"):
        await teaching.making.new(name="m", project=ELSEWHERE, actor=ROOT)
    with pytest.raises(NotFound):
        await teaching.making.new(name="m", project="nothing", actor=ROOT)
    ends = NOON_MS + HOUR_MS
    desk.directory.put_project(Project(COURSE, "NLP", 1, kind="course", ends_ms=ends))
    with pytest.raises(BadRequest, match="ends before the class"):
        await teaching.making.new(name="m", project=COURSE, actor=PROF)


async def test_an_id_is_given_once_but_a_lead_hears_of_no_class_elsewhere(teaching, desk):
    await teaching.making.new(name="monday", project=COURSE, actor=PROF)
    with pytest.raises(Conflict):
        await teaching.making.new(name="monday", project=COURSE, actor=PROF)
    with pytest.raises(Conflict):
        await teaching.making.new(name="monday", project=COURSE, actor=ROOT)
    desk.directory.put_project(Project("art", "Art", 1, kind="course"))
    await desk.store.projects.add(desk.directory.project("art"))
    other = Actor("eve", PROF.permission, "eve", "art", "10.0.0.7")
    made = await teaching.making.new(name="monday", project="art", actor=other)
    assert made.id == "monday-2"
    with pytest.raises(Conflict):
        await teaching.making.new(name="monday", project="art", actor=ROOT)


async def test_a_class_of_another_project_is_not_there(teaching):
    await teaching.making.new(name="monday", project=COURSE, actor=PROF)
    with pytest.raises(NotFound):
        await teaching.making.show(name="monday", project="art")
    with pytest.raises(NotFound):
        await teaching.making.change(name="monday", project="art", title="x")


async def test_only_what_is_given_is_changed(teaching, desk):
    first = await teaching.making.new(
        name="m", project=COURSE, networks="10.0.0.7/32", seat_requests_per_min=5, seed=3, actor=PROF
    )
    changed = await teaching.making.change(name="m", title="New", networks="none", seat_tokens=0)
    assert (changed.title, changed.networks, changed.seat_tokens) == ("New", (), 0)
    assert (changed.seat_requests_per_minute, changed.seed, changed.ends_ms) == (5, 3, first.ends_ms)
    await desk.reload()
    assert desk.book.require("m").title == "New"


async def test_keys_that_are_out_have_other_caps_and_another_end_at_once(teaching, desk):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson, key=True)
    await desk.uses(seat.key_id, micro=10_000)
    changed = await teaching.making.change(
        name="monday", minutes=240, seat_tokens=60_000, seat_running=5, seat_requests_per_min=9
    )
    key = desk.keys.key(seat.key_id)
    assert key.expires_ms == changed.keys_end_ms
    assert key.limits == KeyLimits(requests_per_minute=9, running=5)
    assert await desk.limit_of(seat.key_id) == (120_000, 110_000)
    await desk.reload()
    assert desk.keys.key(seat.key_id) == key
    await teaching.making.change(name="monday", seat_tokens=0)
    assert await desk.limit_of(seat.key_id) is None
    await teaching.making.change(name="monday", seat_tokens=1000)
    assert await desk.limit_of(seat.key_id) == (2000, 0)


async def test_a_released_seat_hears_of_more_tokens_too(teaching, desk):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson, key=True)
    await desk.seat_keys.end(seat)
    await teaching.making.change(name="monday", seat_tokens=60_000)
    made = await desk.seat_keys.make(desk.book.require("monday"), seat, how="list", actor_name="x")
    assert await desk.limit_of(made.key.id) == (120_000, 120_000)


async def test_what_was_opened_keeps_its_mode_and_an_exam_its_models(teaching, desk):
    await desk.lesson()
    with pytest.raises(Conflict, match="keeps its mode"):
        await teaching.making.change(name="monday", mode="exam")
    await desk.lesson("exam", mode="exam", seed=1, frozen=(FrozenModel(MODEL, "3", "ab"),))
    for wish in ({"models": "other@f16"}, {"seed": 2}):
        with pytest.raises(Conflict, match="stay as they are"):
            await teaching.making.change(name="exam", **wish)
    assert (await teaching.making.change(name="exam", minutes=300)).mode == "exam"


async def test_what_was_ended_by_the_clock_goes_on_with_more_time_and_what_was_closed_does_not(
    teaching, desk
):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson, key=True)
    desk.clock.time_ms = lesson.keys_end_ms + 1
    assert not desk.keys.works(seat.key_id)
    longer = await teaching.making.change(name="monday", ends="2026-09-22")
    assert longer.state == "open"
    assert desk.keys.works(seat.key_id)
    await desk.change(lesson, over_ms=NOON_MS)
    with pytest.raises(Conflict, match="over"):
        await teaching.making.change(name="monday", minutes=5)


async def test_a_class_over_plain_http_stays_short(teaching, desk):
    await desk.lesson(plain=True)
    with pytest.raises(BadRequest, match="within 7 days"):
        await teaching.making.change(name="monday", ends="2026-10-05")


async def test_the_newest_class_is_listed_first_and_those_that_are_over_on_demand(teaching, desk):
    for name, over in (("a", None), ("b", NOON_MS), ("c", None)):
        await desk.lesson(name, over_ms=over)
    listed = await teaching.making.show_all(project=COURSE)
    assert [one.id for one in listed.classes] == ["c", "a"]
    every = await teaching.making.show_all(all=True)
    assert [(one.id, one.state) for one in every.classes] == [("c", "open"), ("b", "over"), ("a", "open")]
    assert (await teaching.making.show_all(project=ELSEWHERE)).classes == ()
    with pytest.raises(NotFound):
        await teaching.making.show_all(project="nothing")


async def test_nothing_of_a_class_is_told_before_it_is_on_the_disk(teaching, desk):
    desk.store.close()
    with pytest.raises(Exception, match="closed"):
        await teaching.making.new(name="m", project=COURSE, roster=CANVAS, actor=PROF)
    assert desk.book.find("m") is None
    assert desk.directory.person("ioakley") is None


async def test_an_address_stays_what_it_was(teaching, desk):
    await desk.lesson(address="10.0.0.5")
    assert (await teaching.making.change(name="monday", title="x")).address == "10.0.0.5"
