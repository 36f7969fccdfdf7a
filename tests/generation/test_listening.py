"""A listener hears a run to its end, and what it decides is settled with it or not at all."""

import asyncio
from dataclasses import dataclass, field

from appliance.domain.batches import LineAnswer
from appliance.domain.generation import ChoiceFinished, ServiceClass, Settled, TextDelta
from appliance.domain.usage import Outcome
from appliance.errors import CarrelError, ReplicaFailed, StorageUnavailable
from appliance.services.generation.listening import Charge, Release, RunEnd
from tests.generation.fakes import CALLER, Box

ANSWER = LineAnswer("batch_1", 1, "c", "req_1", 200, b"{}")


@dataclass
class Ear:
    verdict: object = field(default_factory=Release)
    keeps_up: bool = True
    heard: list[object] = field(default_factory=list)
    decided: RunEnd | None = None
    over: object = None

    def hear(self, event) -> bool:
        self.heard.append(event)
        return self.keeps_up

    def decide(self, end):
        assert self.decided is None
        self.decided = end
        return self.verdict

    def end(self, end: Settled | CarrelError) -> None:
        assert self.decided is not None
        self.over = end


async def begun(box: Box, ear: Ear):
    request = box.request("Hello", service_class=ServiceClass.OVERNIGHT)
    return await box.generator.start(CALLER, request, ear), await box.source.stream(0)


async def ended(run) -> None:
    async with asyncio.timeout(5):
        await run.ended()


async def test_what_is_to_be_kept_goes_with_the_settlement(box: Box):
    ear = Ear(Charge(ANSWER))
    run, stream = await begun(box, ear)
    assert box.ledger.holds["req_1"].resumable
    assert stream.work.yields
    stream.token("a")
    stream.finish(text="b")
    await ended(run)
    assert [type(one) for one in ear.heard] == [TextDelta, TextDelta, ChoiceFinished]
    assert (ear.decided.outcome, ear.decided.error) == (Outcome.COMPLETED, None)
    assert ear.decided.usage.completion_tokens == 1
    assert isinstance(ear.over, Settled)
    assert box.ledger.kept == [ANSWER]
    assert list(box.ledger.settled) == ["req_1"]


async def test_what_is_released_is_not_settled(box: Box):
    ear = Ear()
    run, stream = await begun(box, ear)
    stream.token("a")
    run.cancel()
    await ended(run)
    assert ear.decided.outcome is Outcome.CANCELLED
    assert (box.ledger.released, box.ledger.settled) == (["req_1"], {})


async def test_an_error_is_decided_about_before_it_is_told(box: Box):
    ear = Ear()
    run, stream = await begun(box, ear)
    stream.fail("replica_failed")
    await ended(run)
    assert isinstance(ear.decided.error, ReplicaFailed)
    assert ear.over is ear.decided.error
    assert box.ledger.released == ["req_1"]


async def test_what_cannot_be_stored_is_told_as_that(box: Box):
    box.ledger.settle_error = StorageUnavailable("full")
    ear = Ear(Charge(ANSWER))
    run, stream = await begun(box, ear)
    stream.finish()
    await ended(run)
    assert ear.over is box.ledger.settle_error
    assert box.ledger.kept == []


async def test_a_listener_that_cannot_keep_up_ends_the_run(box: Box):
    run, stream = await begun(box, Ear(keeps_up=False))
    stream.token("a")
    async with asyncio.timeout(5):
        await stream.cancelled.wait()
    await ended(run)


async def test_a_line_does_not_use_what_a_person_may_have_per_minute(box: Box):
    from appliance.services.allowance import Allowance

    box.generator._allowance = Allowance(requests_per_minute=1, tokens_per_minute=60, clock=box.clock)
    before = box.generator._allowance.left(CALLER)
    run, stream = await begun(box, Ear(Charge(ANSWER)))
    stream.token("a")
    stream.finish()
    await ended(run)
    assert box.generator._allowance.left(CALLER) == before
