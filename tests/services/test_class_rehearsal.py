"""A rehearsal: synthetic students ask all at once, and nothing of them stays."""

import asyncio

import pytest

from appliance.domain.people import DEFAULT_ID
from appliance.domain.visits import Visit
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotAuthenticated
from appliance.services.classes.rehearsal_keys import RehearsalKeys
from appliance.services.classes.rehearsing import Rehearsing
from appliance.services.ledger.adjusting import Adjusting
from tests.models.fakes import FakeCatalog
from tests.services.class_fakes import class_desk


class Visitor:
    """Answers in a second, unless a test says otherwise; waits while ``gate`` is closed."""

    def __init__(self):
        self.asked = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.all_there = asyncio.Event()
        self.expected = 0
        self.answer = lambda number: Visit(1000, 2000)

    async def ask(self, key, model, text, max_tokens):
        self.asked.append((key, model, text))
        if len(self.asked) == self.expected:
            self.all_there.set()
        await self.gate.wait()
        return self.answer(len(self.asked))


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        await made.lesson(models=("tiny", "tiny@f16"), opened_ms=None)
        yield made


@pytest.fixture
def visitor():
    return Visitor()


@pytest.fixture
def rehearsals():
    return RehearsalKeys()


@pytest.fixture
def rehearsing(desk, visitor, rehearsals):
    return Rehearsing(
        desk.book,
        rehearsals,
        keys=desk.keys,
        visitor=visitor,
        names=FakeCatalog("tiny", "other"),
        runs=desk.runs,
        paid=desk.store.requests_of_keys,
        refunds=Adjusting(desk.store.adjustments, desk.clock),
        clock=desk.clock,
        log=desk.log,
    )


async def no_key_works(desk, visitor):
    for key, *_ in visitor.asked:
        with pytest.raises(NotAuthenticated):
            await desk.keys.authenticate(key)
    keys = await desk.store.keys.all("nlp")
    return all(key.revoked_ms is not None for key in keys)


async def test_all_ask_at_once_each_with_a_key_of_its_own_before_the_class_is_open(desk, rehearsing, visitor):
    visitor.gate.clear()
    visitor.expected = 30
    going = asyncio.create_task(rehearsing.rehearse(name="monday"))
    async with asyncio.timeout(5):
        await visitor.all_there.wait()
    assert len({key for key, *_ in visitor.asked}) == 30
    assert {model for _, model, _ in visitor.asked} == {"class-model"}
    assert len({text for *_, text in visitor.asked}) == 30
    visitor.gate.set()
    found = await going
    assert (found.seats, found.answered, found.failed, found.ready) == (30, 30, 0, True)
    assert (found.first_word_median_ms, found.first_word_worst_ms, found.whole_median_ms) == (
        1000,
        1000,
        2000,
    )
    assert (found.model, found.wanted_ms, found.problems) == ("tiny", 3000, ())


async def test_nothing_of_it_stays(desk, rehearsing, visitor, rehearsals):
    people, seats = list(desk.directory.people()), desk.book.seats("monday")
    budget = await desk.store.budgets.get("nlp")

    async def computed(*arguments):
        visit = await Visitor.ask(visitor, *arguments)
        await desk.uses(made[0].id, micro=500)
        return visit

    made = []
    visitor.ask = computed
    before = desk.keys.issue

    async def issue(**wishes):
        key = await before(**wishes)
        made.append(key.key)
        return key

    desk.keys.issue = issue
    await rehearsing.rehearse(name="monday", seats=1)
    assert await no_key_works(desk, visitor)
    assert made[0].person_id == DEFAULT_ID
    assert rehearsals.class_of(made[0].id) is None
    assert list(desk.directory.people()) == people
    assert desk.book.seats("monday") == seats
    after = await desk.store.budgets.get("nlp")
    assert (after.spent_micro, after.granted_micro) == (budget.spent_micro + 500, 500)


async def test_what_went_wrong_is_told_in_words_the_most_frequent_first(rehearsing, visitor):
    visits = iter([Visit(100, 200), Visit(problem="No."), Visit(50, None, "Broke."), Visit(problem="No.")])
    visitor.answer = lambda number: next(visits)
    found = await rehearsing.rehearse(name="monday", seats=4)
    assert (found.answered, found.failed, found.ready) == (1, 3, False)
    assert found.problems == ("2 of 4: No.", "1 of 4: Broke.")


async def test_who_waits_over_three_seconds_for_a_word_is_not_ready(rehearsing, visitor):
    visitor.answer = lambda number: Visit(3001, 4000)
    assert not (await rehearsing.rehearse(name="monday", seats=1)).ready


async def test_whoever_leaves_ends_it_and_its_keys(desk, rehearsing, visitor, rehearsals):
    visitor.gate.clear()
    visitor.expected = 3
    going = asyncio.create_task(rehearsing.rehearse(name="monday", seats=3))
    async with asyncio.timeout(5):
        await visitor.all_there.wait()
    with pytest.raises(Conflict, match="rehearsed already"):
        await rehearsing.rehearse(name="monday")
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    async with asyncio.timeout(5):
        while rehearsals.is_rehearsed("monday"):
            await asyncio.sleep(0)
    assert await no_key_works(desk, visitor)
    visitor.gate.set()
    await rehearsing.rehearse(name="monday", seats=1)


async def test_leaving_twice_does_not_keep_it_from_being_cleared(desk, rehearsing, visitor, rehearsals):
    visitor.gate.clear()
    visitor.expected = 1
    settled = asyncio.Event()
    going = asyncio.create_task(rehearsing.rehearse(name="monday", seats=1))
    async with asyncio.timeout(5):
        await visitor.all_there.wait()
        (key,) = await desk.store.keys.all("nlp")
        desk.runs.running[key.id] = settled
        going.cancel()
        while not desk.runs.waited:
            await asyncio.sleep(0)
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going
        assert rehearsals.is_rehearsed("monday")
        settled.set()
        while rehearsals.is_rehearsed("monday"):
            await asyncio.sleep(0)


async def test_a_visitor_that_breaks_leaves_no_key(desk, rehearsing, visitor):
    def breaks(number):
        raise RuntimeError("broken")

    visitor.answer = breaks
    with pytest.raises(RuntimeError):
        await rehearsing.rehearse(name="monday", seats=2)
    assert await no_key_works(desk, visitor)


@pytest.mark.parametrize(("model", "error"), [("other", BadRequest), ("nothing", ModelNotFound)])
async def test_only_models_of_the_class_are_rehearsed(desk, rehearsing, visitor, model, error):
    with pytest.raises(error):
        await rehearsing.rehearse(name="monday", model=model)
    assert (await rehearsing.rehearse(name="monday", seats=1, model="tiny@f16")).model == "tiny@f16"
    assert await desk.store.keys.all("nlp") != []


async def test_a_class_that_is_over_is_not_rehearsed(desk, rehearsing):
    await desk.change(desk.book.require("monday"), over_ms=1)
    with pytest.raises(Conflict, match="over"):
        await rehearsing.rehearse(name="monday")
