"""What each seat used, with every key that it had, also where requests are sums of days by now."""

import pytest

from appliance.domain.classes import FrozenModel
from appliance.domain.decision import Decided, DecisionCount
from appliance.errors import NotFound
from tests.services.class_fakes import HOUR_MS, MODEL, NOON_MS, PROF, class_desk
from tests.services.class_teaching import Teaching


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def teaching(desk):
    return Teaching(desk)


async def refuse(desk, key_id, verdict="refused", count=3):
    decided = Decided(NOON_MS, verdict, "class", "class", "", key_id, "ada", "nlp", MODEL)
    await desk.store.decisions.add([DecisionCount(decided, count, NOON_MS)])


async def test_every_key_of_a_seat_counts_and_seats_without_use_are_there(teaching, desk):
    lesson = await desk.lesson()
    ada = await desk.seat(lesson, "ada", "Ada", given="A-1", key=True)
    await desk.seat(lesson, "bob", "Bob", given="B-2")
    await desk.uses(ada.key_id, micro=100, prompt_tokens=10, completion_tokens=5)
    await refuse(desk, ada.key_id)
    await refuse(desk, ada.key_id, verdict="changed")
    again = await desk.seat_keys.make(lesson, ada, how="card", actor_name="prof")
    desk.clock.time_ms += 60_000
    await desk.uses(again.key.id, micro=50, prompt_tokens=1, completion_tokens=2)
    await desk.uses(again.key.id, micro=7, ends=False)
    told = await teaching.reporting.report(name="monday")
    first, second = told.rows
    assert (first.given, first.name, first.person) == ("A-1", "Ada", "ada")
    assert (first.requests, first.prompt_tokens, first.completion_tokens, first.spent_micro) == (
        2,
        11,
        7,
        150,
    )
    assert (first.first_ms, first.last_ms, first.refused) == (NOON_MS, NOON_MS + 60_000, 3)
    assert (second.given, second.requests, second.refused, second.first_ms) == ("B-2", 0, 0, None)
    assert teaching.decisions.flushed == 1
    assert told.csv.splitlines()[1].startswith("A-1,Ada,ada,")


async def test_use_of_another_class_of_the_same_person_is_not_in_it(teaching, desk):
    monday, tuesday = await desk.lesson(), await desk.lesson("tuesday")
    first = await desk.seat(monday, "ada", key=True)
    second = await desk.seat(tuesday, "ada", key=True)
    own = await desk.keys.issue(name="own", project="nlp", person="ada")
    for key in (first.key_id, second.key_id, second.key_id, own.key.id):
        await desk.uses(key, micro=1)
    assert [
        (await teaching.reporting.report(name=one)).rows[0].requests for one in ("monday", "tuesday")
    ] == [
        1,
        2,
    ]


async def test_sums_of_days_count_as_the_requests_did(teaching, desk):
    seat = await desk.seat(await desk.lesson(), "ada", key=True)
    for _ in range(3):
        await desk.uses(seat.key_id, micro=10)
    before = (await teaching.reporting.report(name="monday")).rows[0]
    desk.clock.time_ms += 900 * 24 * HOUR_MS
    assert await desk.store.usage_folding.fold(desk.clock.time_ms, 100) == 3
    after = (await teaching.reporting.report(name="monday")).rows[0]
    assert (after.requests, after.prompt_tokens, after.spent_micro) == (
        before.requests,
        before.prompt_tokens,
        before.spent_micro,
    )


async def test_an_exam_tells_what_repeats_it(teaching, desk):
    frozen = (FrozenModel(MODEL, "3", "ab" * 32),)
    await desk.lesson("exam", mode="exam", seed=7, frozen=frozen, over_ms=NOON_MS + 5)
    told = await teaching.reporting.report(name="exam")
    assert (told.seed, told.frozen[0].revision, told.ends_ms, told.state) == (7, "3", NOON_MS + 5, "over")
    assert f"model,{MODEL},revision,3,files,{'ab' * 32}" in told.csv
    await desk.lesson("open", seed=9)
    assert (await teaching.reporting.report(name="open")).seed is None


async def test_a_name_that_is_a_formula_is_text_in_the_file(teaching, desk):
    lesson = await desk.lesson()
    await desk.seat(lesson, "eve", "=HYPERLINK(1)", given="+49")
    told = await teaching.reporting.report(name="monday")
    assert "'+49,'=HYPERLINK(1),eve" in told.csv
    assert told.rows[0].name == "=HYPERLINK(1)"


async def test_an_erased_person_is_a_line_of_nobody(teaching, desk):
    seat = await desk.seat(await desk.lesson(), "ada", "Ada", given="A-1", key=True)
    await desk.uses(seat.key_id, micro=10)
    await desk.store.personal.erase_person("ada", "erased-1", NOON_MS)
    await desk.reload()
    (row,) = (await Teaching(desk).reporting.report(name="monday")).rows
    assert (row.given, row.name, row.person, row.requests) == ("", "", "erased-1", 1)


async def test_a_report_of_another_project_is_not_there(teaching, desk):
    await desk.lesson()
    with pytest.raises(NotFound):
        await teaching.reporting.report(name="monday", project="art")
    assert PROF.project == "nlp"
