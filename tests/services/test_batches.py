"""A batch answers each line once, waits where the box cannot, and ends as its owner, window or key says."""

import asyncio
import json
from dataclasses import replace

import pytest

from appliance.domain.batches import BatchStatus
from appliance.domain.usage import Outcome
from appliance.errors import (
    BadRequest,
    BudgetExhausted,
    Conflict,
    DoesNotFit,
    ModelNotFound,
    ModelNotRunning,
    NotFound,
    ReplicaFailed,
    StorageUnavailable,
    TryAgain,
)
from appliance.services.batches.batches import LAST_LINES_MS, MOST_OF_ONE, WINDOW_MS
from tests.services.overnight_fakes import ADA, BOB, FakeRun, Pausing


def lines(*said: object, url: str = "/v1/echo") -> bytes:
    return b"".join(
        json.dumps({"custom_id": f"c{index}", "method": "POST", "url": url, "body": {"say": one}}).encode()
        + b"\n"
        for index, one in enumerate(said)
    )


async def never(run: FakeRun) -> None:
    """Ends only when it is cancelled, as an interrupted one."""
    await run.cancelled.wait()
    await run.finish(outcome=Outcome.CANCELLED)


async def test_every_line_is_answered_in_the_order_of_the_input(nights):
    batch = await nights.batch(lines("a", "b", "c"))
    over = await nights.batches.status(batch.id, "completed")
    output = nights.content(over.output_file_id)
    assert [one["custom_id"] for one in output] == ["c0", "c1", "c2"]
    assert [one["response"]["body"]["to"] for one in output] == ["a", "b", "c"]
    assert {one["response"]["status_code"] for one in output} == {200}
    assert [one["error"] for one in output] == [None] * 3
    assert output[1]["response"]["request_id"] == f"req_{batch.id.removeprefix('batch_')}-2"
    assert (over.counts.total, over.counts.completed, over.counts.failed) == (3, 3, 0)
    assert over.error_file_id is None
    assert nights.service.in_use() == frozenset()


async def test_a_line_that_cannot_be_read_is_its_own_error_and_nobody_elses(nights):
    batch = await nights.batch(lines("a", 7, "c"))
    over = await nights.batches.status(batch.id, "completed")
    (wrong,) = nights.content(over.error_file_id)
    assert (wrong["custom_id"], wrong["response"]["status_code"]) == ("c1", 400)
    assert wrong["response"]["body"]["error"]["code"] == "invalid_request"
    assert len(nights.content(over.output_file_id)) == 2
    assert (over.counts.completed, over.counts.failed) == (2, 1)


@pytest.mark.parametrize(
    "refusal",
    [BudgetExhausted("spent"), ModelNotRunning("not running"), TryAgain("later"), StorageUnavailable("full")],
)
async def test_what_the_box_cannot_now_is_tried_again_after_growing_pauses(nights, refusal):
    nights.box.refusals = [refusal] * 4
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    assert over.counts.completed == 1
    assert nights.sleep.slept == [1, 2, 4, 8]


async def test_a_pause_is_never_longer_than_a_minute_and_no_shorter_than_asked(nights):
    nights.box.refusals = [ModelNotRunning("no", retry_after_s=30), *[ModelNotRunning("no")] * 9]
    batch = await nights.batch(lines("a"))
    await nights.batches.status(batch.id, "completed")
    assert nights.sleep.slept == [30, 2, 4, 8, 16, 32, 60, 60, 60, 60]


async def test_while_the_box_refuses_one_line_asks_and_not_all(nights):
    nights.sleep = Pausing(open_=False)
    nights.restarted()
    nights.box.refusals = [ModelNotRunning("no")] * 100
    await nights.batch(lines(*"abcdefgh"))
    async with asyncio.timeout(5):
        await nights.sleep.asked.wait()
    tried = 100 - len(nights.box.refusals)
    assert tried <= nights.lines_at_once
    nights.sleep.asked.clear()
    nights.sleep.gate.set()
    async with asyncio.timeout(5):
        await nights.sleep.asked.wait()
    assert 100 - len(nights.box.refusals) <= tried + 1


async def test_once_the_box_can_again_all_lines_are_answered(nights):
    nights.lines_at_once = 1
    nights.restarted()
    nights.box.refusals = [ModelNotRunning("no")]
    batch = await nights.batch(lines(*"abcdefgh"))
    over = await nights.batches.status(batch.id, "completed")
    assert len(nights.content(over.output_file_id)) == 8


async def test_a_model_that_there_is_not_is_an_error_of_the_line(nights):
    nights.box.refusals = [ModelNotFound("none")]
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    (wrong,) = nights.content(over.error_file_id)
    assert wrong["response"]["status_code"] == 404
    assert nights.sleep.slept == []


async def test_a_line_that_gave_way_begins_again_and_is_charged_once(nights):
    async def script(run: FakeRun) -> None:
        if len(nights.box.runs) == 1:
            await run.finish("half", outcome=Outcome.CANCELLED)
        else:
            await run.finish("whole")

    nights.box.script = script
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    (answer,) = nights.content(over.output_file_id)
    assert answer["response"]["body"]["answer"] == "whole"
    assert nights.batches.charged == [f"req_{batch.id.removeprefix('batch_')}-1"]


async def test_a_line_under_which_the_process_dies_is_given_up_after_three_times(nights):
    async def script(run: FakeRun) -> None:
        await run.finish(outcome=Outcome.FAILED, error=ReplicaFailed("died"))

    nights.box.script = script
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    (wrong,) = nights.content(over.error_file_id)
    assert wrong["response"]["status_code"] == 502
    assert len(nights.box.runs) == 3


async def test_an_error_that_is_the_lines_own_is_charged_and_told(nights):
    async def script(run: FakeRun) -> None:
        await run.finish(outcome=Outcome.FAILED, error=DoesNotFit("too long"))

    nights.box.script = script
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    assert nights.content(over.error_file_id)[0]["response"]["status_code"] == 507
    assert len(nights.batches.charged) == 1


async def test_an_answer_that_could_not_be_stored_is_computed_again(nights):
    async def script(run: FakeRun) -> None:
        nights.batches.trouble = StorageUnavailable("full") if len(nights.box.runs) == 1 else None
        await run.finish()
        nights.batches.trouble = None

    nights.box.script = script
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    assert over.counts.completed == 1
    assert len(nights.box.runs) == 2
    assert nights.batches.released == [nights.box.runs[0].request.id]


async def test_what_was_accounted_before_is_not_answered_twice(nights):
    """The commit was on the disk though its answer said otherwise."""
    nights.box.refusals = [Conflict("accounted before")]
    held = asyncio.Event()

    async def release(request_id):
        await held.wait()

    nights.batches.release = release
    batch = await nights.batch(lines("a"))
    await nights.batches.status(batch.id, "in_progress")
    from appliance.domain.batches import LineAnswer

    await nights.batches.keep(LineAnswer(batch.id, 1, "c0", "req", 200, b"{}"))
    held.set()
    over = await nights.batches.status(batch.id, "completed")
    assert over.counts.completed == 1
    assert nights.box.runs == []


async def test_a_run_that_breaks_is_an_error_of_its_line(nights):
    async def script(run: FakeRun) -> None:
        run._over.set()

    nights.box.script = script
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    assert nights.content(over.error_file_id)[0]["response"]["status_code"] == 500


async def test_a_defect_that_one_line_meets_is_logged_and_told_and_the_others_go_on(nights):
    read = nights.endpoints.read

    def broken(path, body, *, request_id):
        if request_id.endswith("-2"):
            raise ZeroDivisionError
        return read(path, body, request_id=request_id)

    nights.endpoints.read = broken
    batch = await nights.batch(lines("a", "b", "c"))
    over = await nights.batches.status(batch.id, "completed")
    (wrong,) = nights.content(over.error_file_id)
    assert (wrong["custom_id"], wrong["response"]["status_code"]) == ("c1", 500)
    assert over.counts.completed == 2
    assert [event for event, _ in nights.log.errors] == ["batch_line_failed"]
    nights.log.errors.clear()


async def test_no_more_lines_are_on_their_way_than_may_be_of_all_batches_together(nights):
    gate = asyncio.Event()
    most = 0

    async def script(run: FakeRun) -> None:
        nonlocal most
        most = max(most, sum(not one._over.is_set() for one in nights.box.runs))
        await gate.wait()
        await run.finish()

    nights.box.script = script
    mine = await nights.batch(lines(*"abcdefgh"))
    yours = await nights.batch(lines(*"abcdefgh"), BOB)
    await nights.box.began(4)
    gate.set()
    await nights.batches.status(mine.id, "completed")
    await nights.batches.status(yours.id, "completed")
    assert most == 4


async def test_a_cancelled_batch_keeps_its_answers_and_names_the_rest(nights):
    async def script(run: FakeRun) -> None:
        if run.request.prompt.text == "a":
            await run.finish()
        else:
            run.dispatched = False
            await never(run)

    nights.box.script = script
    batch = await nights.batch(lines("a", "b"))
    await nights.box.began(2)
    shown = await nights.service.cancel(ADA, batch.id)
    assert (shown.status, shown.cancelling_ms) == (BatchStatus.CANCELLING, nights.clock.time_ms)
    over = await nights.batches.status(batch.id, "cancelled")
    assert [one["custom_id"] for one in nights.content(over.output_file_id)] == ["c0"]
    (rest,) = nights.content(over.error_file_id)
    assert (rest["response"], rest["error"]["code"]) == (None, "batch_cancelled")
    with pytest.raises(Conflict):
        await nights.service.cancel(ADA, batch.id)


async def test_what_is_computed_when_a_batch_is_cancelled_comes_to_its_end(nights):
    gate = asyncio.Event()

    async def script(run: FakeRun) -> None:
        await gate.wait()
        await run.finish()

    nights.box.script = script
    batch = await nights.batch(lines("a"))
    await nights.box.began(1)
    await nights.service.cancel(ADA, batch.id)
    assert not nights.box.runs[0].cancelled.is_set()
    gate.set()
    over = await nights.batches.status(batch.id, "cancelled")
    assert over.counts.completed == 1


async def test_it_does_not_take_its_time_for_ever_over_that(nights):
    nights.box.script = never
    batch = await nights.batch(lines("a"))
    await nights.box.began(1)
    await nights.service.cancel(ADA, batch.id)
    nights.clock.time_ms += LAST_LINES_MS
    nights.service.tick()
    over = await nights.batches.status(batch.id, "cancelled")
    assert over.counts.completed == 0
    assert nights.batches.charged == []


async def test_a_batch_whose_window_is_over_has_expired(nights):
    nights.sleep = Pausing(open_=False)
    nights.restarted()
    nights.box.refusals = [ModelNotRunning("no")] * 10
    batch = await nights.batch(lines("a", "b"))
    await nights.sleep.asked.wait()
    nights.clock.time_ms += WINDOW_MS
    nights.service.tick()
    over = await nights.batches.status(batch.id, "expired")
    assert [one["error"]["code"] for one in nights.content(over.error_file_id)] == ["batch_expired"] * 2
    assert over.ended_ms == nights.clock.time_ms


async def test_a_revoked_key_ends_its_batches_with_a_reason(nights):
    nights.box.script = never
    batch = await nights.batch(lines("a"))
    other = await nights.batch(lines("a"), BOB)
    await nights.box.began(2)
    nights.service.end_of_key(ADA.key_id)
    over = await nights.batches.status(batch.id, "failed")
    assert over.faults[0].code == "invalid_api_key"
    assert nights.batches.rows[other.id].status is BatchStatus.IN_PROGRESS


async def test_a_key_that_expires_ends_them_too(nights):
    nights.box.script = never
    batch = await nights.batch(lines("a"))
    await nights.box.began(1)
    nights.keys.ended.add(ADA.key_id)
    nights.service.tick()
    await nights.batches.status(batch.id, "failed")


async def test_a_stopping_box_puts_lines_back_and_the_next_start_answers_each_once(nights):
    async def script(run: FakeRun) -> None:
        if run.request.prompt.text == "b":
            await never(run)
        else:
            await run.finish()

    nights.box.script = script
    batch = await nights.batch(lines("a", "b", "c"))
    await nights.box.began(3)
    async with asyncio.timeout(5):
        await nights.service.close()
    assert nights.batches.rows[batch.id].status is BatchStatus.IN_PROGRESS
    nights.box.script = None
    assert await nights.restarted().start() == 1
    over = await nights.batches.status(batch.id, "completed")
    assert [one["custom_id"] for one in nights.content(over.output_file_id)] == ["c0", "c1", "c2"]
    assert sorted(nights.batches.charged) == sorted(set(nights.batches.charged))
    assert len(nights.batches.charged) == 3


async def test_a_start_after_a_crash_while_files_were_written_writes_them_again(nights):
    batch = await nights.batch(lines("a"))
    finish, nights.batches.finish = nights.batches.finish, None
    await nights.batches.status(batch.id, "finalizing")
    nights.batches.finish = finish
    await nights.service.close()
    await nights.restarted().start()
    over = await nights.batches.status(batch.id, "completed")
    assert len(nights.content(over.output_file_id)) == 1


async def test_a_full_disk_delays_the_files_and_loses_nothing(nights):
    nights.sleep = Pausing(open_=False)
    nights.restarted()
    file_id = await nights.file(lines("a"))
    nights.shelf.full = True
    batch = await nights.service.create(
        ADA, input_file_id=file_id, endpoint="/v1/echo", completion_window="24h", metadata={}
    )
    await nights.batches.status(batch.id, "finalizing")
    async with asyncio.timeout(5):
        await nights.sleep.asked.wait()
    nights.shelf.full = False
    nights.sleep.gate.set()
    over = await nights.batches.status(batch.id, "completed")
    assert len(nights.content(over.output_file_id)) == 1
    assert nights.shelf.drafts == 0


async def test_a_batch_reads_its_owners_files_of_the_right_purpose_and_no_others(nights):
    mine = await nights.file(lines("a"))
    with pytest.raises(NotFound):
        await nights.service.create(
            BOB, input_file_id=mine, endpoint="/v1/echo", completion_window="24h", metadata={}
        )
    there = replace(ADA, project_id="vision")
    with pytest.raises(NotFound):
        await nights.service.create(
            there, input_file_id=mine, endpoint="/v1/echo", completion_window="24h", metadata={}
        )
    batch = await nights.batch(lines("a"))
    over = await nights.batches.status(batch.id, "completed")
    with pytest.raises(BadRequest, match="purpose"):
        await nights.service.create(
            ADA,
            input_file_id=over.output_file_id,
            endpoint="/v1/echo",
            completion_window="24h",
            metadata={},
        )
    assert (await nights.file_service.get(ADA, over.output_file_id)).project_id == ADA.project_id
    for other in (BOB, there):
        with pytest.raises(NotFound):
            await nights.service.get(other, batch.id)
        with pytest.raises(NotFound):
            await nights.service.cancel(other, batch.id)
        assert await nights.service.page(other, after=None, limit=10) == []


@pytest.mark.parametrize(
    ("changes", "param"),
    [({"endpoint": "/v1/other"}, "endpoint"), ({"completion_window": "48h"}, "completion_window")],
)
async def test_what_cannot_be_asked_is_refused(nights, changes, param):
    asked = {"endpoint": "/v1/echo", "completion_window": "24h", **changes}
    with pytest.raises(BadRequest) as refused:
        await nights.service.create(ADA, input_file_id=await nights.file(b"{}"), metadata={}, **asked)
    assert refused.value.param == param


async def test_one_person_has_so_many_batches_and_others_may_begin_theirs(nights):
    nights.box.script = never
    for _ in range(MOST_OF_ONE):
        await nights.batch(lines("a"))
    with pytest.raises(TryAgain):
        await nights.batch(lines("a"))
    await nights.batch(lines("a"), BOB)


async def test_a_line_that_is_put_back_is_not_given_up_however_often_its_process_died(nights):
    async def script(run: FakeRun) -> None:
        if len(nights.box.runs) <= 2:
            await run.finish(outcome=Outcome.FAILED, error=ReplicaFailed("died"))
        else:
            await run.cancelled.wait()
            await run.finish(outcome=Outcome.CANCELLED, error=ReplicaFailed("ended before it began"))

    nights.box.script = script
    batch = await nights.batch(lines("a"))
    await nights.box.began(3)
    await nights.service.close()
    assert nights.batches.rows[batch.id].counts.failed == 0
