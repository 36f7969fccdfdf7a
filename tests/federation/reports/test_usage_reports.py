"""What is used is reported once: whatever is lost, killed, restored or copied between ledger and registry."""

import asyncio
import sqlite3
from contextlib import suppress

import pytest

from appliance.domain.reporting import DAY_MS
from appliance.domain.usage import ProgressMark
from appliance.errors import CarrelError, Conflict
from appliance.federation.protocol.kinds import HEAD_REQUEST, USAGE_BATCH
from appliance.services.federation.ports import Refusal
from tests.federation.reporting_box import PEOPLE, Killing, MovingClock, ReportingBox, total
from tests.federation.simulated_transport import SimulatedTransport
from tests.federation.simulator import SimulatedRegistry


def records(registry, box):
    return list(registry.memory.boxes[box.id].records.values())


async def a_day(box, people=PEOPLE, **meters):
    """Everybody asks once; then it is the next day."""
    await box.all_use(people, **meters)
    box.next_day()


async def test_a_day_is_reported_once_it_is_over(box, registry, transport):
    await box.use("s1")
    await box.sync(transport)
    assert records(registry, box) == []
    await a_day(box)
    await box.sync(transport)
    (record,) = records(registry, box)
    assert (record.requests, record.users, record.day) == (13, 12, "2026-09-04")
    assert (record.input_tokens, record.cached_input_tokens, record.output_tokens) == (65, 26, 39)
    assert (record.gflop, record.credits_micro, record.gpu_ms, record.wall_ms) == (130, 130, 91, 117)
    assert (record.backend, record.op, record.flop_method) == ("llama.cpp", "chat", "mm-v1")
    assert await box.sync(transport) == 0
    assert await box.waiting() == []


async def test_ledger_row_and_tally_are_one_commit(box):
    request = await box.use("s1", settle=False)

    def job(database):
        database.execute("UPDATE usage SET outcome = 'completed', ended_ms = 1 WHERE outcome = 'held'")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        await box.store._writer.run(job)
    assert await box.ask("SELECT * FROM report_tally") == []
    await box.settle(request)
    (row,) = await box.ask("SELECT requests, gflop FROM report_tally")
    assert (row["requests"], row["gflop"]) == (1, 10)
    await box.settle(request)
    assert [dict(one) for one in await box.ask("SELECT requests FROM report_tally")] == [{"requests": 1}]


async def test_what_a_crash_left_held_is_in_the_tally_as_estimated(box, registry, transport):
    for name in PEOPLE:
        request = await box.use(name, settle=False)
        await box.store.ledger.mark([ProgressMark(request, 5, 0)])
    assert await box.store.ledger.sweep() == 12
    box.next_day()
    await box.sync(transport)
    (record,) = records(registry, box)
    assert (record.requests, record.failed, record.estimated_requests, record.gflop) == (12, 12, 12, 120)


async def test_nothing_is_tallied_while_the_box_does_not_report(box):
    await box.store.federation.report(on=False)
    await box.use("s1")
    assert await box.ask("SELECT * FROM report_tally") == []


async def killed_and_mended(folder, at, template):
    """A box that is killed at a statement of composing, sending and being answered. Returns whether it was,
    and what the registry and the box have after it was started again.
    """
    clock, killing = MovingClock(), Killing()
    box = ReportingBox(folder / "carrel.db", clock, connect=killing, template=template)
    registry = SimulatedRegistry(lambda: clock.now_ms() // 1000)
    registry.add_box(box.id)
    transport = SimulatedTransport(registry)
    await box.start(*PEOPLE)
    await a_day(box)
    killing.left = at
    with suppress(CarrelError, sqlite3.Error):
        await box.sync(transport)
    killed = killing.left < 0
    killing.left = None
    box.close()
    box.open()
    await box.sync(transport)
    found = records(registry, box), await box.waiting(), registry.memory.boxes[box.id].marks
    box.close()
    return killed, found


@pytest.mark.parametrize("at", [0, 7, 13, 18, 26])
async def test_crash_between_ledger_and_outbox(tmp_path, at, empty_database):
    killed, (there, left, marks) = await killed_and_mended(tmp_path, at, empty_database)
    assert killed
    assert (len(there), total(there), left, marks) == (1, 12, [], [])


@pytest.mark.slow
async def test_crash_at_any_statement_of_composing_sending_and_being_answered(tmp_path, empty_database):
    at, killed = 0, True
    while killed:
        killed, (there, left, marks) = await killed_and_mended(tmp_path / str(at), at, empty_database)
        assert (len(there), total(there), left, marks) == (1, 12, [], []), at
        at += 1
    assert at > 30


async def test_lost_ack(box, registry, transport):
    await a_day(box)
    transport.lose_replies = 1
    await box.sync(transport)
    assert total(records(registry, box)) == 12
    assert [row.kind for row in await box.waiting()] == [USAGE_BATCH, HEAD_REQUEST]
    await box.sync(transport)
    assert await box.waiting() == []
    assert total(records(registry, box)) == 12
    first, second = [token for path, token in transport.posts if path == "v1/usage"]
    assert first == second


async def test_two_sends_at_once(box, registry, transport):
    """Composed and sent twice at the same time: one batch, one number, counted once."""
    await a_day(box)
    await asyncio.gather(*(box.sync(transport) for _ in range(4)))
    assert total(records(registry, box)) == 12
    assert len(registry.memory.boxes[box.id].digests) == 1
    assert await box.waiting() == []


async def test_a_chain_that_grew_meanwhile_takes_no_second_batch_of_its_number(box):
    await a_day(box)
    chain = await box.store.report_batches.chain(box.id)
    await box.store.report_tally.close(box.clock.now_ms() // DAY_MS)
    (part,) = await box.store.report_tally.due()
    made = await box.composer._making.make(chain, part)
    await box.composer.compose()
    with pytest.raises(Conflict):
        await box.store.report_batches.add(chain, made.batches, made.records)
    assert [row.kind for row in await box.waiting()] == [USAGE_BATCH, HEAD_REQUEST]


async def test_eight_weeks_backlog(box, registry, transport):
    transport.away = True
    for _ in range(56):
        await a_day(box, PEOPLE[:2])
        await box.sync(transport)
    assert [row.kind for row in await box.waiting()].count(USAGE_BATCH) == 56
    transport.away = False
    await box.sync(transport)
    assert await box.waiting() == []
    assert (len(records(registry, box)), total(records(registry, box))) == (56, 112)


@pytest.mark.parametrize("name", ["gap", "fork", "chain-mismatch", "wrong-epoch"])
async def test_nothing_is_done_on_an_unsigned_refusal_but_asking(box, registry, transport, name):
    await a_day(box)
    await box.sync(transport)
    await a_day(box)
    await box.composer.compose()
    (row,) = [one for one in await box.waiting() if one.kind == USAGE_BATCH]
    before = await box.store.report_batches.chain(box.id)
    assert not await box.acks.refused(Refusal(row.id, USAGE_BATCH, name, "no", {"seq": 999}))
    after = await box.store.report_batches.chain(box.id)
    assert (after.epoch, after.head, after.acked_seq) == (before.epoch, before.head, before.acked_seq)
    assert [one.kind for one in await box.waiting()] == [USAGE_BATCH, HEAD_REQUEST]
    await box.sync(transport)
    assert await box.waiting() == []


async def test_a_report_that_the_registry_cannot_read_waits_and_is_told_once_a_day(box):
    await a_day(box)
    await box.composer.compose()
    (row,) = [one for one in await box.waiting() if one.kind == USAGE_BATCH]
    for _ in range(3):
        assert not await box.acks.refused(Refusal(row.id, USAGE_BATCH, "schema", "no", {}))
    assert [one.what for one in box.telling.marks] == ["schema"]
    assert len(box.telling.alarms()) == 1


async def test_a_batch_that_was_replaced_is_waited_for_no_more(box):
    assert await box.acks.refused(Refusal("msg_gone", USAGE_BATCH, "fork", "no", {}))
