"""Opening a class, pausing it, going on, and what is shown on its pages meanwhile."""

from dataclasses import replace

import pytest

from appliance.domain.classes import FrozenModel
from appliance.domain.results import ClassDetail
from appliance.domain.upstream import Price, Upstream
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound, StorageUnavailable
from appliance.services.classes.changing import Changing
from appliance.services.classes.details import ClassDetails
from appliance.services.classes.freezing import Freezing
from appliance.services.classes.opening import Opening
from appliance.services.classes.pausing import Pausing
from tests.models.fakes import recipe
from tests.services.class_fakes import HOUR_MS, MODEL, class_desk

HOST = Upstream("lab", "https://api.example.org/v1", "m", "", Price(1, 1, 1), frozenset({"chat"}))
DAY_MS = 24 * HOUR_MS
OWN = "10.20.0.5"


class Warnings:
    async def of(self, lesson):
        return ()


class Names:
    """One model; a test may say that it is hosted elsewhere."""

    def __init__(self):
        self.recipe = recipe("handbook-tiny")

    def present(self, model):
        if model.partition("@")[0] != self.recipe.id:
            raise ModelNotFound("No such model.")
        return self.recipe, self.recipe.forms[1]


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as made:
        yield made


@pytest.fixture
def names():
    return Names()


@pytest.fixture
def changing(desk):
    return Changing(desk.store.classes, desk.book)


@pytest.fixture
def details(desk):
    return ClassDetails(desk.book, desk.door, Warnings(), desk.clock)


@pytest.fixture
def opening(desk, names, changing, details):
    return Opening(
        desk.book,
        changing,
        freezing=Freezing(names, seed=lambda: 4711),
        door=desk.door,
        is_own=lambda address: address == OWN,
        details=details,
        clock=desk.clock,
    )


@pytest.fixture
def pausing(desk, changing, details):
    return Pausing(changing, desk.runs, refusal=lambda caller: None, details=details, clock=desk.clock)


async def planned(desk, **changes):
    return await desk.lesson(**{"opened_ms": None, **changes})


async def test_a_class_is_open_once_it_is_opened_and_again_changes_nothing(desk, opening):
    await planned(desk)
    first = await opening.open(name="monday")
    desk.clock.time_ms += 1000
    again = await opening.open(name="monday", project="nlp")
    assert isinstance(first, ClassDetail)
    assert first.state == "open"
    assert again.opened_ms == first.opened_ms == desk.clock.time_ms - 1000
    assert desk.door.opened == set()
    await desk.reload()
    assert desk.book.require("monday").opened_ms == first.opened_ms


async def test_of_another_project_it_is_not_there(desk, opening):
    await planned(desk)
    with pytest.raises(NotFound):
        await opening.open(name="monday", project="hospital")


async def test_plain_opens_its_door_at_an_address_of_this_machine_and_can_be_taken_back(desk, opening):
    await planned(desk)
    found = await opening.open(name="monday", address=OWN, plain=True)
    assert (found.plain, found.address) == (True, OWN)
    assert found.plain_address == f"http://{OWN}:7480"
    again = await opening.open(name="monday")
    assert (again.plain, again.address, again.plain_address) == (False, OWN, "")
    assert desk.door.opened == set()


async def test_an_address_that_is_not_of_this_machine_is_refused(desk, opening):
    await planned(desk)
    with pytest.raises(BadRequest, match="no such address") as refused:
        await opening.open(name="monday", address="10.20.0.6")
    assert refused.value.param == "address"
    assert desk.book.require("monday").opened_ms is None


async def test_keys_that_can_be_read_on_the_way_end_soon(desk, opening):
    await planned(desk, ends_ms=desk.clock.time_ms + 7 * DAY_MS - 10 * 60_000)
    await opening.open(name="monday", plain=True)
    await desk.change(desk.book.require("monday"), ends_ms=desk.clock.time_ms + 7 * DAY_MS)
    with pytest.raises(BadRequest, match="within 7 days"):
        await opening.open(name="monday", plain=True)
    await opening.open(name="monday")


async def test_a_door_that_does_not_open_leaves_the_class_as_it_was(desk, opening):
    await planned(desk)
    desk.door.refuses = Conflict("The port is taken.")
    with pytest.raises(Conflict, match="port"):
        await opening.open(name="monday", plain=True)
    assert desk.book.require("monday").opened_ms is None


async def test_a_disk_that_refuses_closes_the_door_again(desk, opening, changing):
    await planned(desk)

    class Refuses:
        async def change(self, lesson, recapped=()):
            raise StorageUnavailable("The disk is full.")

    changing._classes = Refuses()
    with pytest.raises(StorageUnavailable):
        await opening.open(name="monday", plain=True)
    assert desk.door.opened == set()


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"over_ms": 1}, "Make another one"), ({"ends_ms": 1}, "`carrel class set monday --ends TIME`")],
)
async def test_what_is_over_is_not_opened(desk, opening, changes, told):
    await planned(desk, **changes)
    with pytest.raises(Conflict, match=told):
        await opening.open(name="monday")


async def test_an_exam_is_frozen_when_it_is_opened_and_stays_so(desk, opening, names):
    await planned(desk, mode="exam", models=("handbook-tiny@f16",))
    found = await opening.open(name="monday")
    frozen = desk.book.require("monday").frozen
    assert frozen == (FrozenModel("handbook-tiny@f16", "1", "b" * 64),)
    assert found.seed == 4711
    assert found.frozen[0].files == "b" * 64
    names.recipe = replace(names.recipe, revision=2)
    assert desk.book.require("monday").frozen == frozen
    await opening.open(name="monday")
    assert desk.book.require("monday").frozen == frozen


async def test_the_seed_of_an_exam_is_the_teachers_where_there_is_one(desk, opening):
    await planned(desk, mode="exam", models=("handbook-tiny@f16",), seed=7)
    assert (await opening.open(name="monday")).seed == 7


async def test_an_exam_with_a_model_elsewhere_is_not_opened(desk, opening, names):
    await planned(desk, mode="exam", models=("handbook-tiny@f16",))
    names.recipe = replace(names.recipe, upstream=HOST)
    with pytest.raises(BadRequest, match="hosted elsewhere, and an exam stays on this box"):
        await opening.open(name="monday")


async def test_a_class_of_another_mode_has_nothing_frozen_and_no_seed(desk, opening):
    await planned(desk, models=(MODEL,))
    found = await opening.open(name="monday")
    assert (found.frozen, found.seed) == ((), None)


async def test_a_pause_ends_what_runs_and_resume_goes_on(desk, pausing):
    await desk.lesson()
    paused = await pausing.pause(name="monday")
    assert paused.state == "paused"
    assert len(desk.runs.ended) == 1
    desk.clock.time_ms += 1000
    assert (await pausing.pause(name="monday")).paused_ms == paused.paused_ms
    resumed = await pausing.resume(name="monday", project="nlp")
    assert (resumed.state, resumed.paused_ms) == ("open", None)


@pytest.mark.parametrize(
    ("changes", "told"), [({"opened_ms": None}, "carrel class open monday"), ({"over_ms": 1}, "is over")]
)
async def test_only_what_goes_on_is_paused(desk, pausing, changes, told):
    await desk.lesson(**changes)
    for verb in (pausing.pause, pausing.resume):
        with pytest.raises(Conflict, match=told):
            await verb(name="monday")


async def test_a_message_is_one_line_of_text_until_it_is_taken_back(desk, pausing):
    await desk.lesson()
    assert (await pausing.message(name="monday", text="  Look at task 3. ")).message == "Look at task 3."
    with pytest.raises(BadRequest, match="control characters"):
        await pausing.message(name="monday", text="up\u202edown")
    with pytest.raises(BadRequest):
        await pausing.message(name="monday", text="two\nlines")
    assert (await pausing.message(name="monday", text=" ")).message == ""
