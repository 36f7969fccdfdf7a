"""In an exam a seat is one browser, and whoever is refused learns who can release it."""

import pytest

from appliance.errors import NotAllowed, NotAuthenticated
from appliance.services.classes.exclusive import ExamSeats
from appliance.services.classes.plain import PlainPolicy
from appliance.services.sessions.sessions import SessionService
from tests.services.class_fakes import class_desk

HERE, ELSEWHERE = "10.0.4.20", "10.0.4.21"


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        yield made


@pytest.fixture
def started(desk):
    """The sessions as they are after a start of the box."""

    async def start():
        exams = ExamSeats(desk.book, desk.directory)
        plain = PlainPolicy(desk.book, desk.clock, desk.log)
        made = SessionService(desk.store.sessions, desk.keys, plain, desk.clock, exclusive=exams)
        await made.load()
        return made

    return start


@pytest.fixture
async def sessions(started):
    return await started()


async def seat_in(desk, mode):
    return await desk.seat(await desk.lesson(mode, mode=mode, plain=True), key=True)


async def test_an_exam_has_one_session_a_seat_and_says_who_can_release_it(sessions, desk):
    await seat_in(desk, "exam")
    await sessions.begin(desk.made.secret, secure=True, address=HERE)
    with pytest.raises(NotAllowed) as refused:
        await sessions.begin(desk.made.secret, secure=True, address=HERE)
    assert refused.value.message == (
        "This seat is taken in another browser, and an exam has one for each seat. "
        "Prof. Oakley can release it."
    )


@pytest.mark.parametrize("mode", ["open", "offline"])
async def test_other_classes_have_several(sessions, desk, mode):
    await seat_in(desk, mode)
    for _ in range(2):
        await sessions.begin(desk.made.secret, secure=True, address=HERE)


async def test_a_released_seat_ends_its_session_and_its_new_key_begins_one_elsewhere(sessions, desk):
    seat = await seat_in(desk, "exam")
    first = await sessions.begin(desk.made.secret, secure=True, address=HERE)
    await desk.seat_keys.end(seat)
    with pytest.raises(NotAuthenticated):
        await sessions.caller(first.cookie, secure=True, address=HERE)
    made = await desk.seat_keys.make(
        desk.book.find("exam"), desk.book.seat("exam", seat.person_id), how="card", actor_name="prof"
    )
    second = await sessions.begin(made.secret, secure=True, address=ELSEWHERE)
    assert (await sessions.caller(second.cookie, secure=True, address=ELSEWHERE)).key_id == made.key.id


async def test_after_a_restart_the_seat_is_still_taken_and_still_at_its_address(sessions, desk, started):
    await seat_in(desk, "exam")
    first = await sessions.begin(desk.made.secret, secure=False, address=HERE)
    await desk.reload()
    again = await started()
    assert (await again.caller(first.cookie, secure=False, address=HERE)).person_id == "ioakley"
    with pytest.raises(NotAuthenticated, match="another machine"):
        await again.caller(first.cookie, secure=False, address=ELSEWHERE)
    with pytest.raises(NotAllowed, match="taken in another browser"):
        await again.begin(desk.made.secret, secure=False, address=HERE)


async def test_where_nobody_leads_it_is_who_runs_the_box(desk):
    seat = await seat_in(desk, "exam")
    desk.directory.drop_member("nlp", "prof")
    assert (
        ExamSeats(desk.book, desk.directory).refusal(seat.key_id).endswith("Who runs the box can release it.")
    )
