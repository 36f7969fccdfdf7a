"""Who is answered in the clear: short-lived keys of classes that are open for it, or all, if it is set so."""

import pytest

from appliance.domain.days import DAY_MS
from appliance.domain.people import Caller
from appliance.errors import NotAllowed
from appliance.services.classes.plain import PlainPolicy
from tests.services.class_fakes import HOUR_MS, class_desk
from tests.services.conftest import NOON_MS

LONG_LIVED = Caller("key_long", "prof", "nlp", address="10.0.4.20")


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        yield made


@pytest.fixture
def heard():
    return []


@pytest.fixture
def policy(desk, heard):
    return PlainPolicy(desk.book, desk.clock, desk.log, heard=heard.append)


async def caller_in(desk, **changes):
    """Somebody with a key of a class of this kind."""
    lesson = await desk.lesson(**{"plain": True, **changes})
    seat = await desk.seat(lesson, key=True)
    return desk.keys.caller_of(seat.key_id)


async def test_a_key_of_a_class_that_is_open_in_the_clear_is_answered(policy, desk, heard):
    policy.check(await caller_in(desk))
    assert heard == []


async def test_while_the_class_is_paused_too(policy, desk):
    policy.check(await caller_in(desk, paused_ms=NOON_MS))


@pytest.mark.parametrize(
    "changes",
    [{"plain": False}, {"ends_ms": NOON_MS + 7 * DAY_MS}, {"ends_ms": NOON_MS + DAY_MS, "grace_min": 10_000}],
)
async def test_a_key_of_another_class_or_one_that_lives_long_is_not(policy, desk, heard, changes):
    caller = await caller_in(desk, **changes)
    with pytest.raises(NotAllowed, match="sent in the clear"):
        policy.check(caller)
    assert heard == [caller]


async def test_before_the_class_and_after_it_a_student_is_told_so_and_nobody_is_alarmed(policy, desk, heard):
    caller = await caller_in(desk, opened_ms=None)
    with pytest.raises(NotAllowed, match="has not begun"):
        policy.check(caller)
    await desk.change(desk.book.find("monday"), opened_ms=NOON_MS)
    policy.check(caller)
    desk.clock.time_ms += 2 * HOUR_MS
    with pytest.raises(NotAllowed, match="is over"):
        policy.check(caller)
    assert heard == []


async def test_a_long_lived_key_is_refused_logged_and_told_of_without_its_secret(policy, desk, heard):
    with pytest.raises(NotAllowed) as refused:
        policy.check(LONG_LIVED)
    assert "Have it replaced" in refused.value.message
    assert "key_long" not in refused.value.message
    assert heard == [LONG_LIVED]
    assert desk.log.records == [("warning", "key_in_the_clear", {"key": "key_long"})]


async def test_an_operator_may_let_all_keys_through(desk, heard):
    policy = PlainPolicy(desk.book, desk.clock, desk.log, admitted="all", heard=heard.append)
    policy.check(LONG_LIVED)
    policy.check(await caller_in(desk, plain=False))
    assert heard == []
    assert "key_in_the_clear" not in str(desk.log.records)
