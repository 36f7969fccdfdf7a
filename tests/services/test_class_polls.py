"""Blind votes: one a person, changed until the end, and nobody knows which model is which."""

import pytest

from appliance.domain.classes import POLL_A, POLL_B
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound
from appliance.services.classes.polling import Polling
from tests.models.fakes import FakeCatalog
from tests.services.class_fakes import class_desk

ASKED = {"prompt": "What is a credit?", "a": "tiny", "b": "tiny@f16", "seed": 3}


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        lesson = await made.lesson(models=("tiny", "tiny@f16"))
        await made.seats(lesson, 2)
        yield made


@pytest.fixture
def swapped():
    return []


@pytest.fixture
def polling(desk, swapped):
    return Polling(desk.book, FakeCatalog("tiny", "other"), desk.clock, swaps=lambda: bool(swapped))


async def begin(polling, **changes):
    return await polling.poll(name="monday", **{**ASKED, **changes})


async def vote(polling, poll, person, choice, **more):
    return await polling.vote(name="monday", poll=poll.id, person=person, choice=choice, **more)


async def test_each_person_has_one_vote_and_the_last_word_counts(polling):
    poll = await begin(polling)
    await vote(polling, poll, "s1", "a")
    await vote(polling, poll, "s1", "b")
    found = await vote(polling, poll, "s2", "tie", project="nlp")
    assert (found.votes_a, found.votes_b, found.ties) == (0, 1, 1)


async def test_which_is_which_is_told_at_its_end_alone(polling, desk):
    poll = await begin(polling)
    assert (poll.open, poll.a, poll.b) == (True, "", "")
    assert polling.current("monday").a == ""
    assert [polling.model("monday", one) for one in (POLL_A, POLL_B, "tiny")] == ["tiny", "tiny@f16", "tiny"]
    ended = await polling.poll(name="monday", end=True)
    assert (ended.open, ended.a, ended.b, ended.seed) == (False, "tiny", "tiny@f16", 3)
    assert polling.model("monday", POLL_A) == POLL_A
    with pytest.raises(Conflict, match="over"):
        await vote(polling, poll, "s1", "a")


async def test_the_order_is_drawn(polling, swapped):
    swapped.append(True)
    await begin(polling)
    assert polling.model("monday", POLL_A) == "tiny@f16"


async def test_without_a_prompt_it_is_told_how_it_stands(polling):
    with pytest.raises(NotFound, match="no vote"):
        await polling.poll(name="monday")
    poll = await begin(polling)
    assert await polling.poll(name="monday") == poll


async def test_a_new_one_takes_the_place_of_the_one_before(polling):
    before = await begin(polling)
    await vote(polling, before, "s1", "a")
    after = await begin(polling)
    assert after.votes_a == 0
    with pytest.raises(Conflict):
        await vote(polling, before, "s1", "a")


async def test_a_model_that_does_not_run_is_no_choice(desk):
    polling = Polling(
        desk.book, FakeCatalog("tiny"), desk.clock, runs=lambda model: model == "tiny", swaps=lambda: False
    )
    with pytest.raises(Conflict, match="carrel model run tiny@f16") as refused:
        await begin(polling)
    assert refused.value.param == "b"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"b": "tiny"}, BadRequest),
        ({"b": None}, BadRequest),
        ({"b": "other"}, BadRequest),
        ({"b": "nothing"}, ModelNotFound),
        ({"prompt": " "}, BadRequest),
        ({"end": True}, BadRequest),
    ],
)
async def test_what_is_no_vote_is_refused(polling, changes, error):
    with pytest.raises(error):
        await begin(polling, **changes)
    assert polling.current("monday") is None


async def test_only_who_sits_in_the_class_votes(polling):
    poll = await begin(polling)
    for person in ("prof", None):
        with pytest.raises(NotFound, match="no seat"):
            await vote(polling, poll, person, "a")


async def test_a_class_that_does_not_go_on_has_no_votes(desk, polling):
    await desk.change(desk.book.require("monday"), opened_ms=None)
    with pytest.raises(Conflict, match="carrel class open monday"):
        await begin(polling)
