"""One row of the ledger, by its request's id."""

from appliance.domain.usage import Meters, Outcome, RequestRow

USED = Meters(prompt_tokens=10, cached_tokens=4, completion_tokens=7, gpu_ms=30, wall_ms=45, gflop=70)


async def test_a_request_is_found_while_it_runs_and_once_it_has_ended(store, caller, make_hold, clock):
    await store.ledger.reserve(make_hold(gflop=100))
    held = await store.requests.find("req_1")
    assert (held.outcome, held.ended_ms, held.meters) == ("held", None, Meters())
    await store.ledger.settle("req_1", Outcome.COMPLETED, USED)
    assert await store.requests.find("req_1") == RequestRow(
        "req_1", "key_1", "default", "default", "handbook-tiny", "chat", "completed",
        clock.time_ms, clock.time_ms, USED,
    )  # fmt: skip


async def test_what_was_never_held_is_not_found(store):
    assert await store.requests.find("req_9") is None
