"""Cards, keys made anew, seats let go, more tokens: by the ids of the list, each key told once."""

import inspect

import pytest

from appliance.domain.action import Permission
from appliance.domain.actions import action
from appliance.domain.classes import CLASS_MODEL, SeatCaps
from appliance.errors import BadRequest, Conflict, NotAuthenticated, NotFound
from appliance.services.binding import ACTOR, shape_faults
from tests.services.class_fakes import COURSE, NOON_MS, PROF, class_desk
from tests.services.class_teaching import Teaching


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def teaching(desk):
    return Teaching(desk)


async def test_each_seat_without_a_key_gets_a_card_and_the_others_are_told(teaching, desk):
    lesson = await desk.lesson(title="NLP 1")
    await desk.seat(lesson, "ada", "Ada", given="A-1", key=True)
    await desk.seat(lesson, "bob", "Bob", given="B-2")
    sheet = await teaching.carding.cards(name="monday", actor=PROF)
    (card,) = sheet.cards
    assert (card.number, card.person, card.given, card.name) == (2, "bob", "B-2", "Bob")
    assert (await desk.keys.authenticate(card.key)).key_id == card.key_id
    assert sheet.kept == ("A-1",)
    assert (sheet.title, sheet.model, sheet.expires_ms) == ("NLP 1", CLASS_MODEL, lesson.keys_end_ms)
    assert (await teaching.carding.cards(name="monday", actor=PROF)).cards == ()


async def test_a_card_has_the_address_that_works_without_trust_or_else_what_to_trust(teaching, desk):
    lesson = await desk.lesson(plain=True)
    await desk.seat(lesson, "ada")
    tls = await teaching.carding.cards(name="monday", actor=PROF)
    assert tls.url.startswith("https://10.20.0.5")
    assert tls.base_url == f"{tls.url}/v1"
    assert tls.fingerprint.startswith("AB:")
    await desk.door.open(lesson)
    plain = await teaching.carding.cards(name="monday", reissue=True, actor=PROF)
    assert (plain.url, plain.fingerprint) == ("http://10.20.0.5:7480", "")
    assert plain.name_url


async def test_a_key_that_somebody_revoked_is_made_anew(teaching, desk):
    seat = await desk.seat(await desk.lesson(), key=True)
    await desk.keys.revoke(id=seat.key_id)
    assert len((await teaching.carding.cards(name="monday", actor=PROF)).cards) == 1


async def test_reissuing_all_ends_all_that_were_out(teaching, desk):
    lesson = await desk.lesson()
    await desk.seats(lesson, 3, key=True)
    last = desk.made.secret
    sheet = await teaching.carding.cards(name="monday", reissue=True, actor=PROF)
    assert ([one.number for one in sheet.cards], sheet.kept) == ([1, 2, 3], ())
    with pytest.raises(NotAuthenticated):
        await desk.keys.authenticate(last)


async def test_one_seat_is_asked_for_by_the_id_of_the_list(teaching, desk):
    lesson = await desk.lesson()
    await desk.seats(lesson, 2)
    await desk.seat(lesson, "ada", given="A-1")
    sheet = await teaching.carding.cards(name="monday", seat="a-1", actor=PROF)
    assert [one.person for one in sheet.cards] == ["ada"]
    again = await teaching.carding.reissue(name="monday", seat="ada", actor=PROF)
    assert (again.given, again.expires_ms) == ("A-1", lesson.keys_end_ms)
    assert (await desk.keys.authenticate(again.key)).person_id == "ada"
    with pytest.raises(NotAuthenticated):
        await desk.keys.authenticate(sheet.cards[0].key)
    with pytest.raises(NotFound):
        await teaching.carding.reissue(name="monday", seat="nobody", actor=PROF)
    with pytest.raises(NotFound):
        await teaching.carding.reissue(name="monday", seat="ada", project="art", actor=PROF)


async def test_guests_come_without_a_card(teaching, desk):
    lesson = await desk.lesson(guests=1)
    await teaching.enrolling.add(lesson)
    assert (await teaching.carding.cards(name="monday", actor=PROF)).cards == ()
    named = await teaching.carding.cards(name="monday", seat="guest-1", actor=PROF)
    assert [one.name for one in named.cards] == ["Guest 1"]


async def test_a_seat_that_is_released_is_free_and_its_key_ends(teaching, desk):
    lesson = await desk.lesson()
    seat = await desk.seat(lesson)
    made = await desk.seat_keys.make(lesson, seat, how="list", actor_name="code")
    told = await teaching.carding.release(name="monday", seat="ioakley")
    assert told.taken == 0
    assert desk.book.seat("monday", "ioakley").taken_ms is None
    with pytest.raises(NotAuthenticated):
        await desk.keys.authenticate(made.secret)


async def test_more_tokens_are_a_gift_to_the_seat_with_who_gave_it(teaching, desk):
    lesson = await desk.lesson(caps=SeatCaps(tokens=1000))
    seat = await desk.seat(lesson, key=True)
    await desk.uses(seat.key_id, micro=1500)
    await teaching.topping_up.top_up(name="monday", seat="ioakley", tokens=200, actor=PROF)
    await teaching.topping_up.top_up(name="monday", seat="ioakley", tokens=200, actor=PROF)
    assert (await desk.limit_of(seat.key_id))[1] == 500 + 800
    gifts = await desk.store.adjustments.of_project(COURSE, 0, NOON_MS + 1)
    assert [(one.micro, one.actor, one.person_id) for one in gifts] == [(400, "prof", "ioakley")] * 2
    again = await teaching.carding.reissue(name="monday", seat="ioakley", actor=PROF)
    assert await desk.limit_of(again.key_id) == (1300, 1300)


async def test_what_has_no_limit_and_no_key_needs_no_gift(teaching, desk):
    await desk.seat(await desk.lesson("none", caps=SeatCaps(tokens=0)), "ada", key=True)
    with pytest.raises(Conflict, match="no limit"):
        await teaching.topping_up.top_up(name="none", seat="ada", actor=PROF)
    await desk.seat(await desk.lesson(), "bob")
    with pytest.raises(Conflict, match=r"reissue monday --seat bob"):
        await teaching.topping_up.top_up(name="monday", seat="bob", actor=PROF)


async def test_a_class_that_is_over_or_without_a_model_has_no_cards(teaching, desk):
    await desk.seat(await desk.lesson("over", over_ms=NOON_MS), "ada")
    with pytest.raises(Conflict):
        await teaching.carding.cards(name="over", actor=PROF)
    await desk.seat(await desk.lesson("bare", models=()), "bob")
    with pytest.raises(BadRequest, match=r"class set bare --models"):
        await teaching.carding.cards(name="bare", actor=PROF)


async def test_handlers_take_what_the_table_says(teaching):
    handlers = teaching.handlers()
    assert len(handlers) == 11
    for name, handler in handlers.items():
        assert shape_faults(action(name), handler) == []
        given = dict(inspect.signature(handler).parameters)
        given.pop(ACTOR, None)
        defaults = {
            key: one.default for key, one in given.items() if one.default is not inspect.Parameter.empty
        }
        assert defaults == {one.name: one.default for one in action(name).arguments if not one.required}
        assert action(name).permission in {Permission.ADMIN, Permission.READ}
