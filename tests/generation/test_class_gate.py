"""Keys of a class at the time of a request: what it answers, whom, and under which names."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appliance.domain.classes import FrozenModel
from appliance.domain.generation import SamplingWishes
from appliance.domain.model import ModelCard
from appliance.domain.people import Caller
from appliance.errors import ModelNotFound, NotPermitted, PersonLimitReached
from appliance.services.admission.admission import Admission
from appliance.services.allowance import Allowance
from appliance.services.classes.first_words import FirstWords
from appliance.services.classes.gate import ClassGate
from appliance.services.classes.listed import ListedModels
from appliance.services.classes.rehearsal_keys import RehearsalKeys
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.generator import Generator
from appliance.services.generation.tokenizing import Tokenizer
from appliance.services.generation.turns import Turns
from appliance.services.restrictions.origins import Origins
from appliance.services.restrictions.rates import RateRules
from tests.models.fakes import recipe
from tests.services.class_fakes import HOUR_MS, class_desk

TINY = recipe("tiny")
OTHER = recipe("other")
PROF = Caller("key_prof", "prof", "nlp", address="10.0.0.9")


class Names:
    """Two models, each in two forms."""

    def find(self, model):
        for one in (TINY, OTHER):
            if (form := one.form_of(model)) is not None:
                return one, form
        raise ModelNotFound("No such model.")


class Served:
    """Any of them; ``asked`` is what was looked for."""

    def __init__(self, model):
        self.model = model
        self.asked = []

    def served(self, model):
        self.asked.append(model)
        return replace(self.model, identity=replace(self.model.identity, id=model))


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        yield made


@pytest.fixture
async def lesson(desk):
    desk.costs.known.add("tiny")
    made = await desk.lesson(models=("tiny", "other@f16"))
    await desk.seat(made, key=True)
    return made


@pytest.fixture
def student(desk, lesson):
    return replace(desk.keys.key(desk.book.seat("monday", "ioakley").key_id).caller(), address="10.0.0.7")


@pytest.fixture
def runs():
    """Models as they run."""
    return {}


@pytest.fixture
def rehearsals():
    return RehearsalKeys()


@pytest.fixture
def gate(desk, runs, rehearsals):
    return ClassGate(
        desk.book,
        rehearsals,
        runs=runs.get,
        local=lambda at_ms: datetime.fromtimestamp(at_ms / 1000, UTC),
        clock=desk.clock,
    )


@pytest.fixture
def admission(gate, desk):
    return Admission(Names(), [gate], desk.clock, rename=gate.rename)


@pytest.fixture
def served(box):
    return Served(box.model)


@pytest.fixture
def generator(desk, box, admission, served, lesson):
    return Generator(
        models=served,
        admission=admission,
        ledger=box.ledger,
        projects=box.projects,
        queue=box.queue,
        clock=box.clock,
        doorstep=Doorstep(pause_s=0),
        meter=FirstWords(desk.book, desk.clock),
    )


def ask(box, model="class-model", **more):
    return replace(box.request(**more), model=model)


async def test_class_model_is_the_first_model_and_follows_a_swap(desk, generator, box, served, student):
    run = await generator.start(student, ask(box))
    assert run.accepted.model.id == "tiny"
    await desk.change(desk.book.require("monday"), models=("other", "tiny"))
    run = await generator.start(student, ask(box))
    assert run.accepted.model.id == "other"
    assert served.asked == ["tiny", "other"]


async def test_who_has_another_key_knows_no_class_model_and_may_ask_anything(generator, box):
    with pytest.raises(ModelNotFound):
        await generator.start(PROF, ask(box))
    run = await generator.start(PROF, ask(box, "other"))
    assert run.accepted.model.id == "other"


async def test_a_model_that_is_not_of_the_class_is_refused_by_name(generator, box, student):
    with pytest.raises(NotPermitted) as refused:
        await generator.start(student, ask(box, "other"))
    assert refused.value.message == "This class uses tiny and other@f16. Ask one of them, or `class-model`."
    assert refused.value.details == {"rule": {"name": "class", "waits_for": "lead"}}
    assert refused.value.param == "model"


async def test_a_class_that_is_over_says_since_when(desk, generator, box, student):
    desk.clock.time_ms += 2 * HOUR_MS
    with pytest.raises(NotPermitted, match=r"The class is over since \d\d:\d\d\."):
        await generator.start(student, ask(box))


async def test_it_is_answered_in_its_network_only(desk, generator, box, student):
    await desk.change(desk.book.require("monday"), networks=("10.0.0.0/24",))
    await generator.start(student, ask(box))
    with pytest.raises(NotPermitted, match="its own network"):
        await generator.start(replace(student, address="10.9.9.9"), ask(box))


async def test_a_batch_may_come_from_its_network_only_and_mean_class_model(desk, gate, student):
    looked = []

    class Gate:
        def check_address(self, caller, model):
            looked.append(model)

    origins = Origins(Names(), Gate(), gate)
    await desk.change(desk.book.require("monday"), networks=("10.0.0.0/24",))
    origins.check(student, "class-model")
    assert looked == ["tiny"]
    with pytest.raises(NotPermitted, match="its own network"):
        origins.check(replace(student, address="10.9.9.9"), "class-model")


async def test_an_exam_sets_the_seed_whatever_was_asked_and_says_so(desk, generator, box, student):
    await desk.change(desk.book.require("monday"), mode="exam", seed=7)
    run = await generator.start(student, ask(box, sampling=SamplingWishes(seed=99)))
    assert run.accepted.seed == 7
    assert "seed 7" in run.accepted.notices[0]
    stream = await box.source.stream(0)
    assert stream.work.sampling.seed == 7


async def test_an_exam_is_answered_by_what_was_frozen(desk, generator, box, student, runs):
    frozen = FrozenModel("tiny", "1", "aa")
    await desk.change(desk.book.require("monday"), mode="exam", seed=7, frozen=(frozen,))
    runs["tiny"] = frozen
    await generator.start(student, ask(box))
    runs["tiny"] = replace(frozen, revision="2")
    with pytest.raises(NotPermitted, match="was changed since the exam was opened"):
        await generator.start(student, ask(box))


async def test_a_rehearsal_is_answered_before_the_class_is_open_and_from_the_box(
    desk, generator, box, student, rehearsals
):
    await desk.change(desk.book.require("monday"), opened_ms=None, networks=("10.0.0.0/24",))
    rehearsing = Caller("key_r", "default", "nlp", address="127.0.0.1")
    rehearsals.put("key_r", "monday")
    run = await generator.start(rehearsing, ask(box))
    assert run.accepted.model.id == "tiny"
    with pytest.raises(NotPermitted, match="not begun"):
        await generator.start(student, ask(box))
    rehearsals.drop(["key_r"])
    with pytest.raises(ModelNotFound):
        await generator.start(rehearsing, ask(box))


async def test_no_rehearsal_of_a_class_that_is_over(desk, generator, box, rehearsals):
    await desk.change(desk.book.require("monday"), over_ms=desk.clock.time_ms)
    rehearsals.put("key_r", "monday")
    with pytest.raises(NotPermitted, match="over since"):
        await generator.start(Caller("key_r", "default", "nlp"), ask(box))


async def test_what_runs_ends_with_the_pause(desk, gate, generator, box, student):
    run = await generator.start(student, ask(box))
    await box.source.stream(0)
    await desk.change(desk.book.require("monday"), paused_ms=desk.clock.time_ms)
    generator.runs.end_where(gate.refusal)
    with pytest.raises(NotPermitted, match="Your teacher paused the class"):
        async for _ in run:
            pass
    async with asyncio.timeout(5):
        await run.ended()


async def test_tokens_are_counted_under_the_name_too(admission, served, box, student):
    tokenizer = Tokenizer(models=served, admission=admission, queue=box.queue, turns=Turns())
    found = await tokenizer.tokenize(student, "class-model", box.request("Hi").prompt)
    assert found.model.id == "tiny"


async def test_lists_show_the_models_of_the_class_while_it_is_not_over(desk, student):
    class Directory:
        def cards(self, caller):
            return [ModelCard(one, one, 0, 64, True) for one in ("tiny", "third", "other@f16")]

    listed = ListedModels(Directory(), desk.book, desk.clock)

    def ids(caller):
        return [(card.id, card.alias_of) for card in listed.cards(caller)]

    assert ids(student) == [("class-model", "tiny"), ("tiny", ""), ("other@f16", "")]
    assert ids(PROF) == [("tiny", ""), ("third", ""), ("other@f16", "")]
    await desk.change(desk.book.require("monday"), opened_ms=None)
    assert ids(student) == [("tiny", ""), ("other@f16", "")]
    desk.clock.time_ms += 2 * HOUR_MS
    assert ids(student) == []


async def test_limits_of_a_seat_are_told_as_the_classs(desk, gate, student):
    class Book:
        def in_force(self, model, project):
            return type("InForce", (), {"rules": ()})

    rules = RateRules(Book(), desk.keys, gate.given_by)
    allowance = Allowance(clock=desk.clock, rules=rules)
    for _ in range(2):
        allowance.count(student, "tiny")
        allowance.take(student, "tiny", 1)
    with pytest.raises(PersonLimitReached) as refused:
        allowance.count(student, "tiny")
    assert refused.value.message == (
        "You have 2 requests running, and this class allows 2 at a time. Wait for one of them."
    )
    assert gate.given_by("key_prof") == ""


async def test_first_words_are_those_of_the_class_alone(desk, generator, box, student):
    words = generator._meter
    for caller, model in ((student, "class-model"), (PROF, "other")):
        run = await generator.start(caller, ask(box, model))
        stream = await box.source.stream(len(box.source.streams) - 1)
        box.clock.at_s += 1.25
        stream.token("x")
        stream.finish()
        async for _ in run:
            pass
        await run.ended()
    assert words.median_ms("monday") == 1250
    assert words.answered_ms("monday", "ioakley") == desk.clock.time_ms
    assert words.median_ms("friday") is None
