"""Many jobs, one commit: each has its own fate, and none is told of success before the commit."""

import asyncio
import threading

import pytest

from appliance.errors import Conflict, StorageUnavailable

ADD = "INSERT INTO wanted_model (model_id, since_ms) VALUES (?, 0)"


def adds(model):
    return lambda database: database.execute(ADD, (model,)).rowcount


class Gate:
    """A job that holds the writer until the test lets go, so that the jobs after it wait together."""

    def __init__(self):
        self.entered = threading.Event()
        self.release = threading.Event()

    def __call__(self, database):
        self.entered.set()
        assert self.release.wait(10)


async def grouped(store, *jobs):
    gate = Gate()
    first = store._writer.submit(gate)
    assert await asyncio.to_thread(gate.entered.wait, 10)
    waiting = [asyncio.wrap_future(store._writer.submit(job)) for job in jobs]
    gate.release.set()
    await asyncio.wrap_future(first)
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_jobs_that_wait_share_one_commit(store):
    commits = []
    store._writer._database._tracer = lambda sql, _: commits.append(sql) if sql == "COMMIT" else None
    results = await grouped(store, *(adds(f"model-{number}") for number in range(20)))
    assert results == [1] * 20
    assert len(commits) == 2


async def test_a_job_that_fails_undoes_nothing_but_itself(store):
    def fails_after_writing(database):
        adds("half-done")(database)
        raise Conflict("no")

    results = await grouped(store, adds("before"), fails_after_writing, adds("after"))
    assert [type(result) for result in results] == [int, Conflict, int]
    assert list(await store.wanted_models.all()) == ["before", "after"]


async def test_a_bug_in_a_job_reaches_its_caller_and_the_writer_goes_on(store):
    results = await grouped(store, lambda database: 1 / 0, adds("after"))
    assert isinstance(results[0], ZeroDivisionError)
    assert results[1] == 1
    await store.wanted_models.add("later")


async def test_a_broken_constraint_concerns_its_job_alone(store):
    results = await grouped(store, adds("same"), adds("same"), adds("other"))
    assert [type(result).__name__ for result in results] == ["int", "IntegrityError", "int"]
    assert list(await store.wanted_models.all()) == ["same", "other"]


async def test_a_job_whose_caller_left_before_its_turn_is_left_out(store):
    gate = Gate()
    first = store._writer.submit(gate)
    assert await asyncio.to_thread(gate.entered.wait, 10)
    left = asyncio.create_task(store.wanted_models.add("never"))
    await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    gate.release.set()
    await asyncio.wrap_future(first)
    await store.wanted_models.add("wanted")
    assert list(await store.wanted_models.all()) == ["wanted"]


async def test_nothing_is_confirmed_before_the_commit(store):
    gate = Gate()
    store._writer.submit(gate)
    assert await asyncio.to_thread(gate.entered.wait, 10)
    waiting = [store._writer.submit(adds(f"model-{number}")) for number in range(5)]
    confirmed = []
    store._writer._database._tracer = lambda sql, _: (
        confirmed.append([future.done() for future in waiting]) if sql == "COMMIT" else None
    )
    gate.release.set()
    await asyncio.gather(*map(asyncio.wrap_future, waiting))
    assert confirmed == [[False] * 5] * 2


async def test_a_closed_store_refuses_and_never_hangs(path, clock):
    from appliance.store.store import Store

    store = Store.open(path, clock)
    pending = [store._writer.submit(adds(f"model-{number}")) for number in range(200)]
    store.close()
    assert [future.result(timeout=10) for future in pending] == [1] * 200
    with pytest.raises(StorageUnavailable, match="closed"):
        await store.wanted_models.add("late")
