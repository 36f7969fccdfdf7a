"""Joining with the code: names for who has it, each seat once, guests as many as may, guessers not at all."""

import asyncio
from dataclasses import replace

import pytest

from appliance.errors import Conflict, NotAllowed, NotFound, NotPermitted, RateLimited
from appliance.services.classes.attempts import FROM_ONE_ADDRESS, IN_ALL, Attempts
from appliance.services.classes.codes import ALPHABET, JoinCodes
from appliance.services.classes.enrolling import Enrolling
from appliance.services.classes.joining import Joining
from appliance.services.classes.plain import PlainPolicy
from appliance.services.classes.screens import JoinScreens, Shown
from tests.services.class_fakes import HOUR_MS, class_desk

HERE = "10.0.4.20"
FAR_MS = 10**15


class OverTls(Joining):
    """Where nobody can read along, unless a test says otherwise."""

    async def look(self, code, address, *, secure=True):
        return await super().look(code, address, secure=secure)

    async def claim(self, code, number, address, *, secure=True):
        return await super().claim(code, number, address, secure=secure)


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        yield made


@pytest.fixture
def codes(desk):
    return JoinCodes(desk.clock)


@pytest.fixture
def joining(desk, codes):
    return OverTls(
        book=desk.book,
        codes=codes,
        seats=desk.seat_keys,
        guests=Enrolling(desk.store.classes, desk.directory, desk.book, desk.clock),
        names=desk.directory,
        plain=PlainPolicy(desk.book, desk.clock, desk.log),
        attempts=Attempts(desk.clock),
        clock=desk.clock,
        log=desk.log,
    )


@pytest.fixture
def screens(desk, codes, joining):
    shown = Shown(joining.left, lambda _class: 1200, lambda _class: None, lambda: True)
    return JoinScreens(book=desk.book, codes=codes, door=desk.door, shown=shown, clock=desk.clock)


@pytest.fixture
async def lesson(desk):
    made = await desk.lesson("monday", guests=1)
    await desk.seats(made, 3)
    return made


@pytest.fixture
def code(codes, lesson):
    return codes.make(lesson.id, 15, FAR_MS).shown


def guess(wrong=0):
    """A code that is none."""
    return "".join(ALPHABET[(wrong // 31**place) % 31] for place in range(8))


async def test_who_has_the_code_sees_the_names_of_free_seats(joining, lesson, code, desk):
    offer = await joining.look(code, HERE)
    assert (offer.class_id, offer.title, offer.mode) == ("monday", "Monday", "open")
    assert offer.names == ((1, "Student 1"), (2, "Student 2"), (3, "Student 3"))
    assert (offer.guests, offer.ends_ms) == (True, lesson.ends_ms)
    await joining.claim(code, 2, HERE)
    assert [number for number, _ in (await joining.look(code, HERE)).names] == [1, 3]


async def test_a_claimed_seat_has_a_key_that_works_until_the_class_s_keys_end(joining, lesson, code, desk):
    claimed = await joining.claim(code, 2, HERE)
    assert (claimed.class_id, claimed.person, claimed.name) == ("monday", "s2", "Student 2")
    assert claimed.expires_ms == lesson.keys_end_ms
    assert (await desk.keys.authenticate(claimed.secret)).key_id == claimed.key_id
    seat = desk.book.seat("monday", "s2")
    assert (seat.key_id, seat.how, seat.taken_ms) == (claimed.key_id, "list", desk.clock.now_ms())


async def test_a_taken_seat_is_not_taken_again(joining, code, desk):
    first = await joining.claim(code, 2, HERE)
    with pytest.raises(Conflict, match="Choose another name"):
        await joining.claim(code, 2, "10.0.4.21")
    assert (await desk.keys.authenticate(first.secret)).key_id == first.key_id


async def test_of_two_who_claim_a_seat_at_the_same_moment_one_has_it(joining, code, desk):
    told = await asyncio.gather(*(joining.claim(code, 2, HERE) for _ in range(5)), return_exceptions=True)
    won = [one for one in told if not isinstance(one, Exception)]
    assert len(won) == 1
    assert {type(one) for one in told if one is not won[0]} == {Conflict}
    assert (await desk.keys.authenticate(won[0].secret)).key_id == desk.book.seat("monday", "s2").key_id


async def test_a_released_seat_is_free_again(joining, code, desk):
    first = await joining.claim(code, 2, HERE)
    await desk.seat_keys.end(desk.book.seat("monday", "s2"))
    second = await joining.claim(code, 2, HERE)
    assert second.key_id != first.key_id


async def test_a_seat_that_is_not_in_the_list_is_not_made(joining, code):
    for number in (0, -1, 4, 10**9):
        with pytest.raises(NotFound, match="no such name"):
            await joining.claim(code, number, HERE)


async def test_as_many_guests_join_as_may_also_at_the_same_moment(joining, code, desk):
    told = await asyncio.gather(*(joining.claim(code, None, HERE) for _ in range(4)), return_exceptions=True)
    (won,) = [one for one in told if not isinstance(one, Exception)]
    assert {type(one) for one in told if one is not won} == {Conflict}
    assert (won.person, won.name) == ("monday-guest-1", "Guest 1")
    assert desk.book.seat("monday", won.person).how == "guest"
    offer = await joining.look(code, HERE)
    assert not offer.guests
    assert "Guest 1" not in str(offer.names)


async def test_a_guest_s_seat_is_in_no_list_and_the_next_guest_s_when_it_was_released(joining, code, desk):
    first = await joining.claim(code, None, HERE)
    await desk.seat_keys.end(desk.book.seat("monday", first.person))
    offer = await joining.look(code, HERE)
    assert (offer.guests, len(offer.names)) == (True, 3)
    with pytest.raises(NotFound):
        await joining.claim(code, desk.book.seat("monday", first.person).number, HERE)
    assert (await joining.claim(code, None, HERE)).person == first.person


async def test_of_two_guests_at_the_same_moment_one_has_the_released_seat_and_one_a_new_one(
    joining, code, desk, lesson
):
    await desk.change(lesson, guests=2)
    first = await joining.claim(code, None, HERE)
    await desk.seat_keys.end(desk.book.seat("monday", first.person))
    claimed = await asyncio.gather(*(joining.claim(code, None, HERE) for _ in range(2)))
    assert {one.person for one in claimed} == {"monday-guest-1", "monday-guest-2"}


async def test_an_exam_has_no_guests_unless_it_says_so(joining, codes, desk):
    exam = await desk.lesson("exam", mode="exam")
    await desk.seats(exam, 1)
    code = codes.make("exam", 15, FAR_MS).shown
    assert not (await joining.look(code, HERE)).guests
    with pytest.raises(Conflict, match="guests"):
        await joining.claim(code, None, HERE)
    await desk.change(exam, guests=1)
    assert (await joining.look(code, HERE)).guests


async def test_a_code_of_one_class_opens_no_other(joining, codes, desk, code):
    other = await desk.lesson("tuesday")
    await desk.seat(other, "zoe", "Zoe")
    theirs = codes.make("tuesday", 15, FAR_MS).shown
    assert (await joining.look(theirs, HERE)).names == ((1, "Zoe"),)
    assert "Zoe" not in str(await joining.look(code, HERE))


async def test_from_outside_of_a_class_s_networks_a_right_code_tells_nothing(joining, codes, desk):
    await desk.seat(await desk.lesson("exam", mode="exam", networks=("10.0.4.0/24",)), "zoe", "Zoe")
    code = codes.make("exam", 15, FAR_MS).shown
    with pytest.raises(NotPermitted) as refused:
        await joining.look(code, "10.0.5.1")
    assert "Zoe" not in refused.value.message
    with pytest.raises(NotPermitted):
        await joining.claim(code, 1, "10.0.5.1")
    await joining.claim(code, 1, HERE)


async def test_in_the_clear_only_a_class_that_is_open_for_it_is_joined(joining, code, desk, lesson):
    for asking in (joining.look(code, HERE, secure=False), joining.claim(code, 1, HERE, secure=False)):
        with pytest.raises(NotAllowed, match="begins with https") as refused:
            await asking
        assert "Student" not in refused.value.message
    assert desk.book.seat("monday", "s1").key_id is None
    await desk.change(lesson, plain=True)
    assert (await joining.look(code, HERE, secure=False)).names
    assert (await joining.claim(code, 1, HERE, secure=False)).person == "s1"
    with pytest.raises(NotFound):
        await joining.look(guess(), HERE, secure=False)


async def test_a_class_that_is_over_lets_nobody_in(joining, code, desk, lesson):
    desk.clock.time_ms = lesson.ends_ms
    with pytest.raises(NotFound, match="wrong, or its minutes are over"):
        await joining.look(code, HERE)


async def test_a_wrong_code_tells_nothing_and_a_guesser_is_stopped_also_with_the_right_one(joining, code):
    for number in range(FROM_ONE_ADDRESS):
        with pytest.raises(NotFound) as refused:
            await (joining.look(guess(number), HERE) if number % 2 else joining.claim(guess(number), 1, HERE))
        assert "Student" not in refused.value.message
    for asking in (joining.look(code, HERE), joining.claim(code, 1, HERE)):
        with pytest.raises(RateLimited):
            await asking
    await joining.claim(code, 1, "10.0.4.99")


async def test_guessing_from_everywhere_is_stopped_too(joining, code):
    told = [
        await asyncio.gather(
            joining.look(guess(number), f"10.1.{number // 200}.{number % 200}"), return_exceptions=True
        )
        for number in range(IN_ALL + 50)
    ]
    kinds = [type(one) for (one,) in told]
    assert kinds.count(NotFound) == IN_ALL
    assert kinds.count(RateLimited) == 50


async def test_a_class_behind_one_address_joins_at_once(joining, codes, desk):
    big = await desk.lesson("big")
    await desk.seats(big, 30)
    code = codes.make("big", 15, FAR_MS).shown
    claimed = await asyncio.gather(*(joining.claim(code, number, HERE) for number in range(1, 31)))
    assert len({one.key_id for one in claimed}) == 30
    assert (await joining.look(code, HERE)).names == ()


async def test_no_log_has_a_code_or_a_key(joining, code, desk):
    claimed = await joining.claim(code, 1, HERE)
    assert claimed.secret not in repr(desk.log.records)
    assert code.replace("-", "") not in repr(desk.log.records).replace("-", "")


async def test_the_projector_shows_a_code_with_the_address_to_type(screens, joining, desk, lesson):
    await desk.change(lesson, plain=True)
    await desk.door.open(desk.book.find("monday"))
    shown = await screens.join_screen(name="monday", project="nlp")
    plain = shown.code.replace("-", "")
    assert shown.join_url == f"http://10.20.0.5:7480/join?code={plain}"
    assert (shown.url, shown.base_url) == ("http://10.20.0.5:7480", "http://10.20.0.5:7480/v1")
    assert (shown.fingerprint, shown.name_url) == ("", "https://carrel.local:7443")
    assert (shown.joined, shown.seats, shown.left, shown.offline) == (0, 3, 4, True)
    assert shown.first_word_ms == 1200
    await joining.claim(shown.code, 1, HERE)
    await joining.claim(shown.code, None, HERE)
    again = await screens.projector(name="monday")
    assert (again.code, again.joined, again.seats, again.left) == (shown.code, 2, 4, 2)


async def test_over_tls_of_its_own_authority_the_fingerprint_is_shown(screens, lesson):
    shown = await screens.join_screen(name="monday")
    assert shown.url.startswith("https://")
    assert shown.fingerprint.startswith("AB:")


async def test_the_projector_alone_makes_no_code(screens, lesson):
    shown = await screens.projector(name="monday")
    assert (shown.code, shown.code_ends_ms) == ("", None)
    assert shown.join_url == "https://10.20.0.5:7443/join"


async def test_a_code_stays_until_a_new_one_is_asked_for_or_none(screens, codes, lesson, desk):
    first = await screens.join_screen(name="monday", minutes=5)
    assert first.code_ends_ms == desk.clock.now_ms() + 5 * 60_000
    assert (await screens.join_screen(name="monday", minutes=60)).code == first.code
    second = await screens.join_screen(name="monday", new=True)
    assert second.code != first.code
    assert codes.find(first.code) is None
    assert (await screens.join_screen(name="monday", end=True)).code == ""
    assert codes.find(second.code) is None


async def test_a_class_that_is_over_has_no_code(screens, desk, lesson):
    await screens.join_screen(name="monday")
    over = replace(desk.book.find("monday"), over_ms=desk.clock.now_ms())
    desk.book.put_class(over)
    assert (await screens.projector(name="monday")).code == ""
    with pytest.raises(Conflict, match="over"):
        await screens.join_screen(name="monday")
    await screens.join_screen(name="monday", end=True)


async def test_another_project_s_class_is_not_there(screens, lesson):
    for asking in (screens.join_screen, screens.projector):
        with pytest.raises(NotFound):
            await asking(name="monday", project="hospital")
        with pytest.raises(NotFound):
            await asking(name="none")


async def test_a_code_is_over_with_its_class(screens, desk, lesson):
    shown = await screens.join_screen(name="monday", minutes=240)
    assert shown.code_ends_ms == lesson.ends_ms < desk.clock.now_ms() + 4 * HOUR_MS
