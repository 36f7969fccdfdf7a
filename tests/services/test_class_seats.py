"""Who sits in a class and how they fare."""

import pytest

from appliance.domain.me import QueueShare
from appliance.domain.people import Caller
from appliance.domain.refusals import Refused
from appliance.domain.usage import Hold
from appliance.errors import BudgetExhausted, ClientLeft, NotFound, RateLimited
from appliance.services.classes.first_words import FirstWords
from appliance.services.classes.seat_ledger import SeatLedger
from appliance.services.classes.seating import Seating
from appliance.services.classes.troubles import MOST_KEYS, MOST_OF_A_KEY, Troubles
from tests.generation.fakes import FakeLedger
from tests.services.class_fakes import class_desk

STUDENT = "ioakley"


class Queue:
    """What a test says."""

    def __init__(self):
        self.shares = {}
        self.waits = {}

    def share(self, person):
        waiting, running = self.shares.get(person, (0, 0))
        return QueueShare(waiting=waiting, waiting_limit=64, running=running, running_limit=32)

    def waits_s(self):
        return self.waits


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        yield made


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def troubles(desk):
    return Troubles(desk.clock)


@pytest.fixture
def words(desk):
    return FirstWords(desk.book, desk.clock)


@pytest.fixture
def seating(desk, queue, troubles, words):
    return Seating(
        desk.book,
        people=desk.directory,
        queue=queue,
        uses=desk.store.class_use,
        left=desk.store.seat_left,
        troubles=troubles,
        answers=words,
        clock=desk.clock,
    )


async def taken(desk, lesson, person=STUDENT):
    seat = await desk.seat(lesson, person, key=True)
    return await desk.seat_keys.take(seat, "card")


async def line(seating, **more):
    (only,) = (await seating.seats(name="monday", **more)).seats
    return only


async def test_a_seat_that_nobody_took_is_free(desk, seating):
    await desk.seat(await desk.lesson(), key=True)
    found = await seating.seats(name="monday", project="nlp")
    assert (found.state, found.taken, found.first_word_ms) == ("open", 0, None)
    (seat,) = found.seats
    assert (seat.state, seat.name, seat.initials, seat.limit_tokens) == ("free", "Ines Oakley", "IO", 50_000)


async def test_of_another_project_it_is_not_there(desk, seating):
    await desk.lesson()
    with pytest.raises(NotFound):
        await seating.seats(name="monday", project="hospital")


async def test_who_waits_is_shown_with_how_long(desk, seating, queue):
    await taken(desk, await desk.lesson())
    queue.shares[STUDENT] = (1, 2)
    queue.waits[STUDENT] = 8
    seat = await line(seating)
    assert (seat.state, seat.waiting, seat.running, seat.waits_s) == ("waits", 1, 2, 8)


async def test_tokens_are_those_of_all_keys_that_the_seat_had(desk, seating):
    lesson = await desk.lesson()
    seat = await taken(desk, lesson)
    await desk.uses(seat.key_id, micro=60, prompt_tokens=10, completion_tokens=20)
    made = await desk.seat_keys.make(lesson, seat, how="card", actor_name="prof")
    await desk.uses(made.key.id, micro=10, prompt_tokens=1, completion_tokens=4)
    seat = await line(seating)
    assert (seat.tokens, seat.requests, seat.limit_tokens) == (35, 2, 50_000)
    assert seat.last_ms == desk.clock.time_ms


async def test_a_seat_that_was_given_more_shows_it(desk, seating):
    lesson = await desk.lesson()
    seat = await taken(desk, lesson)
    await desk.store._writer.run(
        lambda database: database.execute(
            "UPDATE account SET granted_micro = 20000 WHERE subject = ?", [seat.key_id]
        )
    )
    assert (await line(seating)).limit_tokens == 60_000


async def test_a_seat_whose_tokens_are_used_up_needs_more(desk, seating, troubles):
    seat = await taken(desk, await desk.lesson())
    await desk.uses(seat.key_id, micro=100_000)
    found = await line(seating)
    assert (found.state, found.mend) == ("limit", "top-up")


async def test_the_last_error_is_told_in_words_with_the_request_it_was_of(desk, seating, troubles):
    seat = await taken(desk, await desk.lesson())
    caller = desk.keys.key(seat.key_id).caller()
    troubles.note(Refused("req_1", NotFound("No such model."), caller=caller))
    troubles.note(Refused("req_2", RateLimited("This class allows 30 requests per minute."), caller=caller))
    troubles.note(Refused("req_3", ClientLeft("Gone."), caller=caller))
    found = await line(seating)
    assert (found.state, found.trouble_code, found.trouble_request) == (
        "limit",
        "rate_limit_exceeded",
        "req_2",
    )
    assert found.trouble == "This class allows 30 requests per minute."
    assert [one.request_id for one in troubles.of_key(seat.key_id)] == ["req_2", "req_1"]


def test_troubles_are_bounded_by_key_and_in_keys(desk):
    troubles = Troubles(desk.clock)
    caller = Caller("key_0", "default", "default")
    for number in range(MOST_OF_A_KEY + 5):
        troubles.note(Refused(f"req_{number}", NotFound("x" * 9999), caller=caller))
    kept = troubles.of_key("key_0")
    assert len(kept) == MOST_OF_A_KEY
    assert len(kept[0].message) == 500
    for number in range(1, MOST_KEYS + 1):
        troubles.note(Refused("req", NotFound("x"), caller=Caller(f"key_{number}", "default", "default")))
    assert troubles.of_key("key_0") == ()
    assert len(troubles.of_key("key_1")) == 1


async def test_an_empty_account_is_told_to_members_of_a_class_in_their_words(desk):
    class Refuses(FakeLedger):
        async def reserve(self, hold):
            error = BudgetExhausted("micro-credits", retry_after_s=None)
            error.details = {"budget": {"scope": "key", "left_micro": 0}}
            raise error

    def hold(key):
        caller = type("C", (), {"key_id": key})()
        return Hold("req_1", caller, None, 1, 1, 0, 0, 0, 0)

    ledger = SeatLedger(Refuses(), lambda caller: caller.key_id == "key_1")
    with pytest.raises(BudgetExhausted, match=r"^Your tokens in this class are used up") as refused:
        await ledger.reserve(hold("key_1"))
    assert refused.value.details["budget"]["scope"] == "key"
    with pytest.raises(BudgetExhausted, match="micro-credits"):
        await ledger.reserve(hold("key_2"))
