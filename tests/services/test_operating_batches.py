"""Operators see the batches of everybody, without what is in them, and can end one."""

import json

import pytest

from appliance.domain.batches import BatchFault
from appliance.errors import Conflict, NotFound
from appliance.services.batches.operating import MOST, BatchOperating, first_model
from tests.services.overnight_fakes import ADA, BOB, NOON_MS
from tests.services.test_batches import lines, never


class Everybodys:
    """Keeps ``AllBatches`` over the batches of a fake box."""

    def __init__(self, batches):
        self.batches = batches

    async def all(self, limit):
        found = sorted(self.batches.rows.values(), key=lambda one: one.over)
        return found[:limit], len(found)


@pytest.fixture
def operating(nights):
    return operating_of(nights)


def operating_of(nights, everybodys=Everybodys):
    return BatchOperating(everybodys(nights.batches), nights.shelf, lambda: nights.service)


def line(body: object) -> bytes:
    return json.dumps({"custom_id": "c", "method": "POST", "url": "/v1/echo", "body": body}).encode() + b"\n"


async def test_batches_of_everybody_are_listed_with_the_model_of_their_first_line(nights, operating):
    nights.box.script = never
    await nights.batch(line({"model": "olmo-2-7b", "say": "a secret"}), ADA)
    await nights.batch(lines("a"), BOB)
    await nights.box.began(2)
    shown = await operating.list_batches()
    assert [(one.person, one.model, one.state, one.total) for one in shown.batches] == [
        ("ada", "olmo-2-7b", "in_progress", 1),
        ("bob", "", "in_progress", 1),
    ]
    assert shown.left_out == 0
    assert "secret" not in str(shown)
    assert shown.batches[0].created_ms == NOON_MS


async def test_the_model_is_read_once_and_is_unknown_once_the_file_is_gone(nights, operating):
    batch = await nights.batch(line({"model": "olmo-2-7b", "say": "a"}))
    await nights.batches.status(batch.id, "completed")
    assert (await operating.list_batches()).batches[0].model == "olmo-2-7b"
    await nights.shelf.remove(batch.input_file_id)
    assert (await operating.list_batches()).batches[0].model == "olmo-2-7b"
    later = operating_of(nights)
    assert (await later.list_batches()).batches[0].model == ""


async def test_why_a_batch_failed_is_told(nights, operating):
    batch = await nights.batch(b"nothing\n")
    over = await nights.batches.status(batch.id, "failed")
    assert isinstance(over.faults[0], BatchFault)
    shown = (await operating.list_batches()).batches[0]
    assert (shown.state, shown.reason) == ("failed", over.faults[0].message)


async def test_an_operator_ends_the_batch_of_somebody_else(nights, operating):
    nights.box.script = never
    batch = await nights.batch(lines("a", "b"), BOB)
    await nights.box.began(1)
    assert (await operating.cancel(batch=batch.id)).state == "cancelling"
    nights.service.tick()
    for run in nights.box.runs:
        run.cancelled.set()
    assert (await nights.batches.status(batch.id, "cancelled")).over
    with pytest.raises(Conflict):
        await operating.cancel(batch=batch.id)


async def test_an_operator_holds_up_the_batch_of_somebody_else_and_lets_it_go_on(nights, operating):
    nights.box.script = never
    batch = await nights.batch(lines("a", "b"), BOB)
    await nights.box.began(1)
    assert (await operating.pause(batch=batch.id)).state == "paused"
    assert [one.state for one in (await operating.list_batches()).batches] == ["paused"]
    assert (await nights.batches.get(BOB.owner, batch.id)).status.value == "in_progress"
    assert (await operating.resume(batch=batch.id)).state == "in_progress"


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
async def test_what_is_over_or_not_there_is_told(nights, operating, verb):
    batch = await nights.batch(lines("a"))
    await nights.batches.status(batch.id, "completed")
    with pytest.raises(Conflict, match="completed"):
        await getattr(operating, verb)(batch=batch.id)
    with pytest.raises(NotFound, match="carrel batch list"):
        await getattr(operating, verb)(batch="batch_of_nobody")


async def test_more_than_the_most_are_counted(nights):
    class Many(Everybodys):
        async def all(self, limit):
            assert limit == MOST
            found, _ = await super().all(limit)
            return found, 317

    await nights.batches.status((await nights.batch(lines("a"))).id, "completed")
    operating = operating_of(nights, Many)
    assert (await operating.list_batches()).left_out == 316


@pytest.mark.parametrize(
    "piece", [b"", b"{", b"[]\n", line({"model": 7}), line({"model": "m" * 90_000})[:32768]]
)
def test_a_line_that_cannot_be_read_names_no_model(piece):
    assert first_model(piece) == ""
