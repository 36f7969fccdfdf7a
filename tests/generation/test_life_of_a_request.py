"""Reserve before, settle after, committed before the client is told; also on error and when the client
leaves."""

import asyncio

import pytest

from appliance.domain.generation import ChoiceFinished, FinishReason, Settled, TextDelta, TokenUsage
from appliance.domain.usage import Outcome
from appliance.errors import (
    BadRequest,
    BudgetExhausted,
    ContextLengthExceeded,
    NotReady,
    QueueFull,
    ReplicaFailed,
    StorageUnavailable,
)
from appliance.services.generation.progress import mark_progress
from tests.generation.fakes import CALLER, Box


async def events_of(run):
    return [event async for event in run]


async def test_a_request_streams_its_text_and_ends_with_its_exact_counts(box: Box):
    run = await box.generator.start(CALLER, box.request("Hello"))
    stream = await box.source.stream(0)
    stream.token("Good ")
    stream.token("day")
    stream.finish(text="!")
    async with asyncio.timeout(5):
        events = await events_of(run)
    assert events == [
        TextDelta(0, "Good "),
        TextDelta(0, "day"),
        TextDelta(0, "!"),
        ChoiceFinished(0, FinishReason.STOP),
        Settled(TokenUsage(prompt_tokens=5, cached_tokens=0, completion_tokens=2)),
    ]
    await run.ended()
    assert box.generator.runs.running == 0
    outcome, meters = box.ledger.settled["req_1"]
    assert outcome is Outcome.COMPLETED
    assert (meters.prompt_tokens, meters.completion_tokens, meters.gpu_ms) == (5, 2, 2)
    assert 0 < meters.gflop <= box.ledger.holds["req_1"].gflop


async def test_client_is_told_which_stop_string_ended_the_answer(box: Box):
    run = await box.generator.start(CALLER, box.request())
    (await box.source.stream(0)).finish(stop="END")
    async with asyncio.timeout(5):
        events = await events_of(run)
    assert events[0] == ChoiceFinished(0, FinishReason.STOP, "END")


async def test_nothing_is_told_as_final_before_the_ledger_has_committed(box: Box):
    box.ledger.settling.clear()
    run = await box.generator.start(CALLER, box.request())
    (await box.source.stream(0)).finish()
    events = aiter(run)
    async with asyncio.timeout(5):
        assert isinstance(await anext(events), ChoiceFinished)
        final = asyncio.ensure_future(anext(events))
        done, _ = await asyncio.wait([final], timeout=0.05)
        assert not done
        box.ledger.settling.set()
        assert isinstance(await final, Settled)


async def test_a_settlement_that_cannot_be_written_is_never_acknowledged(box: Box):
    box.ledger.settle_error = StorageUnavailable("The disk is full.")
    run = await box.generator.start(CALLER, box.request())
    (await box.source.stream(0)).finish()
    with pytest.raises(StorageUnavailable):
        await events_of(run)


async def test_a_spent_budget_refuses_before_any_engine_is_asked(box: Box):
    box.ledger.refuse = True
    with pytest.raises(BudgetExhausted):
        await box.generator.start(CALLER, box.request())
    assert box.source.streams == []
    assert box.queue.waiting == 0


async def test_a_client_that_leaves_half_way_leaves_an_exact_row(box: Box):
    run = await box.generator.start(CALLER, box.request())
    stream = await box.source.stream(0)
    stream.token("one")
    events = aiter(run)
    await anext(events)
    await run.aclose()
    async with asyncio.timeout(5):
        await stream.cancelled.wait()
        await run.ended()
    outcome, meters = box.ledger.settled["req_1"]
    assert outcome is Outcome.CANCELLED
    assert meters.completion_tokens == 1
    assert box.source.free.sequences == 2


async def test_a_client_that_leaves_while_it_waits_leaves_the_line_and_pays_nothing(box: Box):
    for _ in range(2):
        await box.generator.start(CALLER, box.request())
    await box.source.stream(1)
    waiting = await box.generator.start(CALLER, box.request())
    async with asyncio.timeout(5):
        while box.queue.waiting == 0:
            await asyncio.sleep(0)
        await waiting.aclose()
        await waiting.ended()
    assert box.queue.waiting == 0
    assert box.ledger.settled["req_3"][0] is Outcome.CANCELLED
    assert box.ledger.settled["req_3"][1].gflop == 0
    with pytest.raises(ReplicaFailed):
        await events_of(waiting)


async def test_a_client_that_leaves_during_the_reservation_leaves_no_hold_behind(box: Box):
    box.ledger.reserving.clear()
    starting = asyncio.ensure_future(box.generator.start(CALLER, box.request()))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    box.ledger.reserving.set()
    async with asyncio.timeout(5):
        await box.ledger.settled_one.wait()
    assert box.ledger.settled["req_1"][0] is Outcome.CANCELLED


async def test_a_failing_replica_gives_the_client_its_error_and_the_ledger_a_row(box: Box):
    run = await box.generator.start(CALLER, box.request())
    stream = await box.source.stream(0)
    stream.token("half")
    stream.fail("replica_failed")
    events = aiter(run)
    assert await anext(events) == TextDelta(0, "half")
    with pytest.raises(ReplicaFailed):
        await anext(events)
    outcome, meters = box.ledger.settled["req_1"]
    assert (outcome, meters.completion_tokens) == (Outcome.FAILED, 1)


async def test_a_full_queue_refuses_with_a_time_to_try_again(box: Box):
    for _ in range(5):
        await box.generator.start(CALLER, box.request())
    async with asyncio.timeout(5):
        while box.queue.waiting < 3:
            await asyncio.sleep(0)
    with pytest.raises(QueueFull) as refused:
        await box.generator.start(CALLER, box.request())
    assert refused.value.retry_after_s


async def test_an_answer_that_cannot_fit_is_refused_with_what_would_fit(box: Box):
    with pytest.raises(ContextLengthExceeded, match="at most 90"):
        await box.generator.start(CALLER, box.request("x" * 10, max_tokens=91))
    with pytest.raises(ContextLengthExceeded, match="Shorten"):
        await box.generator.start(CALLER, box.request("x" * 100))


async def test_a_request_without_max_tokens_takes_the_default_cut_to_the_room(box: Box):
    await box.generator.start(CALLER, box.request("x" * 95))
    await box.generator.start(CALLER, box.request("x" * 5))
    await box.source.stream(1)
    assert [stream.work.max_tokens for stream in box.source.streams] == [5, 20]


async def test_a_model_without_a_template_does_not_chat(box: Box):
    import dataclasses

    plain = dataclasses.replace(box.model, chats=False)

    class Models:
        def served(self, model):
            return plain

    box.generator._models = Models()
    with pytest.raises(BadRequest, match="/v1/completions"):
        await box.generator.start(CALLER, box.request())


async def test_a_revoked_key_ends_its_running_streams_and_no_others(box: Box):
    from dataclasses import replace

    mine = await box.generator.start(CALLER, box.request())
    await box.generator.start(replace(CALLER, key_id="k2"), box.request())
    other = await box.source.stream(1)
    box.generator.runs.end_runs_of_key("k1")
    async with asyncio.timeout(5):
        await mine.ended()
    assert not other.cancelled.is_set()


async def test_stopping_takes_nothing_new_lets_the_quick_finish_and_settles_the_rest(box: Box):
    await box.generator.start(CALLER, box.request())
    await box.generator.start(CALLER, box.request())
    quick, endless = await box.source.stream(0), await box.source.stream(1)
    closing = asyncio.ensure_future(box.generator.close(grace_s=0.05))
    quick.finish()
    async with asyncio.timeout(5):
        await closing
    assert endless.cancelled.is_set()
    assert box.ledger.settled["req_1"][0] is Outcome.COMPLETED
    assert box.ledger.settled["req_2"][0] is Outcome.CANCELLED
    with pytest.raises(NotReady):
        await box.generator.start(CALLER, box.request())


async def test_progress_is_marked_once_there_is_a_token(box: Box):
    run = await box.generator.start(CALLER, box.request())
    stream = await box.source.stream(0)
    assert box.generator.runs.marks() == []
    stream.token("a")
    await anext(aiter(run))
    marking = asyncio.ensure_future(mark_progress(box.generator.runs, box.ledger, interval_s=0.001))
    async with asyncio.timeout(5):
        while not box.ledger.marks:
            await asyncio.sleep(0)
    marking.cancel()
    assert (box.ledger.marks[0].prompt_tokens, box.ledger.marks[0].completion_tokens) == (5, 1)
    stream.finish()
    await run.ended()


async def test_a_reader_that_falls_far_behind_has_its_run_cancelled(box: Box):
    run = await box.generator.start(CALLER, box.request())
    stream = await box.source.stream(0)
    for _ in range(5000):
        stream.token("x")
    async with asyncio.timeout(5):
        await stream.cancelled.wait()
        await run.ended()
    assert box.ledger.settled["req_1"][0] is Outcome.CANCELLED
