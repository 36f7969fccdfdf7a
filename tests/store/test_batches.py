"""An answer of a line and its charge are one commit; what was interrupted leaves nothing behind."""

import sqlite3
from dataclasses import replace

import pytest

from appliance.domain.batches import Batch, BatchFault, BatchStatus, LineAnswer, LineCounts
from appliance.domain.files import StoredFile
from appliance.domain.people import Caller, Owner
from appliance.domain.usage import Meters, Outcome
from appliance.errors import Conflict, NotFound
from appliance.services.batches import life
from appliance.store.store import Store
from tests.store.conftest import NOON_MS


@pytest.fixture
async def batch(store, caller):
    added = Batch(
        id="batch_1",
        caller=caller,
        endpoint="/v1/chat/completions",
        input_file_id="file-1",
        completion_window="24h",
        created_ms=NOON_MS,
        expires_ms=NOON_MS + 1000,
        metadata=(("a", "b"),),
    )
    await store.batches.add(added)
    return added


def answer(line=1, status=200, body=b'{"a":1}'):
    return LineAnswer("batch_1", line, f"c{line}", f"req_{line}", status, body)


async def spent(store):
    budget = await store.budgets.get("default")
    return budget.spent_micro, budget.held_micro


async def test_a_settlement_and_its_answer_are_one(store, batch, caller, make_hold, rows):
    await store.ledger.reserve(make_hold("req_1", caller=caller, resumable=True))
    await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(10, 0, 3, gflop=70), answer())
    assert await store.batches.done("batch_1") == {1}
    assert (await store.batches.lines("batch_1", after=0, limit=9)) == [answer()]
    assert await spent(store) == (70, 0)
    assert (await store.batches.get(caller.owner, "batch_1")).counts == LineCounts(0, 1, 0)


async def test_an_answer_that_cannot_be_kept_is_not_charged(store, batch, caller, make_hold):
    await store.ledger.reserve(make_hold("req_1", caller=caller, resumable=True))
    orphan = replace(answer(), batch_id="batch_of_nobody")
    with pytest.raises(sqlite3.IntegrityError):
        await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(gflop=70), orphan)
    assert await spent(store) == (0, 100)


async def test_what_is_not_charged_is_not_kept(store, batch):
    with pytest.raises(Conflict):
        await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(gflop=70), answer())
    assert await store.batches.done("batch_1") == frozenset()


async def test_settling_twice_keeps_and_charges_once(store, batch, caller, make_hold):
    await store.ledger.reserve(make_hold("req_1", caller=caller, resumable=True))
    await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(gflop=70), answer())
    with pytest.raises(Conflict):
        await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(gflop=70), answer(body=b"{}"))
    assert await spent(store) == (70, 0)
    assert (await store.batches.lines("batch_1", after=0, limit=9)) == [answer()]


async def test_a_released_hold_leaves_nothing_and_may_be_taken_again(store, caller, make_hold, rows):
    await store.ledger.reserve(make_hold("req_1", caller=caller, resumable=True))
    await store.ledger.release("req_1")
    assert await spent(store) == (0, 0)
    assert await rows() == []
    await store.ledger.release("req_1")
    await store.ledger.reserve(make_hold("req_1", caller=caller, resumable=True))
    assert await spent(store) == (0, 100)


async def test_only_resumable_holds_that_stand_are_released(store, batch, caller, make_hold, rows):
    await store.ledger.reserve(make_hold("req_plain", caller=caller))
    await store.ledger.reserve(make_hold("req_1", caller=caller, resumable=True))
    await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(gflop=70), answer())
    await store.ledger.release("req_plain")
    await store.ledger.release("req_1")
    assert await spent(store) == (70, 100)
    assert [row["outcome"] for row in await rows()] == ["held", "completed"]


async def test_after_a_crash_lines_are_released_and_requests_charged_by_their_marks(
    path, clock, make_key, make_hold
):
    from tests.durability.ledger_program import Mark

    store = Store.open(path, clock)
    await store.keys.add(make_key(), bytes(32))
    await store.ledger.reserve(make_hold("req_line", resumable=True))
    await store.ledger.reserve(make_hold("req_person"))
    await store.ledger.mark([Mark("req_line", 10, 4), Mark("req_person", 10, 4)])
    store.close()
    again = Store.open(path, clock)
    assert await again.ledger.sweep() == 1
    ids = await again._reader.run(lambda db: [row["request_id"] for row in db.query("SELECT * FROM usage")])
    assert ids == ["req_person"]
    assert await spent(again) == (60, 0)
    again.close()


async def test_lines_that_cost_nothing_are_counted_once_by_their_end(store, batch, caller):
    for one in (answer(1, 400), answer(2, 200), answer(1, 200)):
        await store.batches.keep(one)
    shown = await store.batches.get(caller.owner, "batch_1")
    assert (shown.counts.completed, shown.counts.failed) == (1, 1)
    assert [one.status for one in await store.batches.lines("batch_1", after=0, limit=9)] == [400, 200]
    assert [one.line for one in await store.batches.lines("batch_1", after=1, limit=9)] == [2]


async def test_steps_are_carried_out_on_the_batch_as_it_stands(store, batch, caller):
    await store.batches.keep(answer(1, 400))
    begun = await store.batches.change("batch_1", lambda one: life.begun(one, total=5, now_ms=NOON_MS))
    assert (begun.status, begun.counts) == (BatchStatus.IN_PROGRESS, LineCounts(5, 0, 1))
    assert await store.batches.get(caller.owner, "batch_1") == begun
    with pytest.raises(NotFound):
        await store.batches.change("batch_2", lambda one: one)


async def test_the_last_step_brings_its_files_and_forgets_its_lines(store, batch, caller):
    await store.batches.keep(answer())
    file = StoredFile(
        "file-2", caller.holder, "out.jsonl", "batch_output", 7, NOON_MS, NOON_MS + 1, caller.project_id
    )
    fault = BatchFault("code", "Because.", 3, "body")

    def step(one):
        failed = replace(one, ending=BatchStatus.FAILED, faults=(fault,))
        return life.ended(failed, output="file-2", errors=None, now_ms=NOON_MS)

    over = await store.batches.finish("batch_1", step, [file])
    assert over.status is BatchStatus.FAILED
    assert await store.batches.get(caller.owner, "batch_1") == over
    assert over.faults == (fault,)
    assert await store.files.get(caller.owner, "file-2") == file
    assert await store.batches.done("batch_1") == frozenset()
    assert await store.batches.unfinished() == []


async def test_others_batches_are_not_there(store, batch, make_key):
    await store.keys.add(make_key("key_2"), bytes([1] * 32))
    for another in (Owner("key_2", batch.caller.project_id), Owner(batch.caller.holder, "other")):
        with pytest.raises(NotFound):
            await store.batches.get(another, "batch_1")
        assert await store.batches.page(another, after=None, limit=9) == []
        with pytest.raises(NotFound):
            await store.batches.page(another, after="batch_1", limit=9)


async def test_pages_go_from_the_newest_to_the_oldest(store, batch, caller):
    for number in (2, 3):
        await store.batches.add(replace(batch, id=f"batch_{number}"))
    first = await store.batches.page(caller.owner, after=None, limit=2)
    assert [one.id for one in first] == ["batch_3", "batch_2"]
    rest = await store.batches.page(caller.owner, after="batch_2", limit=2)
    assert [one.id for one in rest] == ["batch_1"]
    assert [one.id for one in await store.batches.unfinished()] == ["batch_1", "batch_2", "batch_3"]


def test_a_caller_is_remembered_whole():
    assert Caller("k", "p", "q").holder == "p"


async def test_those_that_are_not_over_are_found_first_and_all_are_counted(store, batch):
    for number, over in ((2, True), (3, False), (4, True)):
        await store.batches.add(replace(batch, id=f"batch_{number}"))
        if over:
            await store.batches.change(f"batch_{number}", lambda one: life.refused(one, (), now_ms=NOON_MS))
    found, count = await store.batches.all(3)
    assert [one.id for one in found] == ["batch_3", "batch_1", "batch_4"]
    assert count == 4


async def test_a_pause_and_the_later_end_are_remembered(store, batch, caller):
    await store.batches.change("batch_1", lambda one: life.paused(one, now_ms=NOON_MS + 10))
    assert (await store.batches.get(caller.owner, "batch_1")).paused_ms == NOON_MS + 10
    await store.batches.change("batch_1", lambda one: life.resumed(one, now_ms=NOON_MS + 70))
    resumed = await store.batches.get(caller.owner, "batch_1")
    assert (resumed.paused_ms, resumed.expires_ms) == (None, batch.expires_ms + 60)
