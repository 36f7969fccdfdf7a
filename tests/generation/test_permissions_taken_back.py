"""A permission is asked at every request, and requests end when it is taken back."""

import asyncio

import pytest

from appliance.domain.generation import AnyRequest
from appliance.domain.people import Caller
from appliance.domain.usage import Outcome
from appliance.errors import NotLicensed
from appliance.services.admission.admission import Admitted
from appliance.services.admission.watching import NOBODY_WATCHES
from appliance.services.generation.listening import Charge
from appliance.services.generation.tokenizing import Tokenizer
from appliance.services.generation.turns import Turns
from tests.generation.fakes import CALLER, Box

REFUSED = NotLicensed("Accept its license first.", lacks="acceptance")
TAKEN = NotLicensed("It was taken back.", lacks="acceptance")


class Switch:
    """Refuses everybody once it is off. ``asked`` counts."""

    def __init__(self, refuse_from: int = 0) -> None:
        self.asked = 0
        self._refuse_from = refuse_from

    def admit(self, caller: Caller, request: AnyRequest) -> Admitted:
        self.check(caller, request.model)
        return Admitted(request, NOBODY_WATCHES)

    def check(self, caller: Caller, model: str) -> None:
        self.asked += 1
        if self.asked > self._refuse_from:
            raise REFUSED


async def text_and_end(run):
    text = ""
    try:
        async with asyncio.timeout(5):
            async for event in run:
                text += getattr(event, "text", "")
    except NotLicensed as error:
        return text, error
    return text, None


async def test_a_refused_request_is_neither_prepared_nor_held(box: Box):
    box.generator._admission = Switch()
    with pytest.raises(NotLicensed):
        await box.generator.start(CALLER, box.request())
    assert (box.ledger.holds, box.source.streams) == ({}, [])


async def test_a_permission_taken_back_while_the_prompt_is_prepared_ends_the_request(box: Box):
    box.generator._admission = Switch(refuse_from=1)
    run = await box.generator.start(CALLER, box.request())
    assert await text_and_end(run) == ("", REFUSED)
    await run.ended()
    assert box.ledger.settled["req_1"][0] is Outcome.CANCELLED


async def test_running_and_waiting_requests_end_with_the_reason(box: Box):
    runs = [await box.generator.start(CALLER, box.request()) for _ in range(3)]
    (await box.source.stream(0)).token("Go")
    async with asyncio.timeout(5):
        assert (await anext(aiter(runs[0]))).text == "Go"
    box.generator.runs.end_requests("m", TAKEN)
    assert [(await text_and_end(run))[1] for run in runs] == [TAKEN, TAKEN, TAKEN]
    await asyncio.gather(*(run.ended() for run in runs))
    assert {outcome for outcome, _ in box.ledger.settled.values()} == {Outcome.CANCELLED}
    assert box.ledger.settled["req_1"][1].completion_tokens == 1
    assert len(box.generator.runs) == 0


async def test_the_client_hears_it_while_the_engine_is_still_busy(box: Box):
    run = await box.generator.start(CALLER, box.request())
    stream = await box.source.stream(0)
    stream.cancel = lambda: None
    box.generator.runs.end_requests("m", TAKEN)
    assert (await text_and_end(run))[1] is TAKEN
    assert box.ledger.settled == {}
    stream.fail("replica_failed")
    await run.ended()
    assert box.ledger.settled["req_1"][0] is Outcome.FAILED


@pytest.mark.parametrize(
    ("whose", "ends"),
    [
        ({}, True),
        ({"project": CALLER.project_id}, True),
        ({"holder": CALLER.holder}, True),
        ({"project": "another"}, False),
        ({"holder": "another"}, False),
    ],
)
async def test_only_those_end_whose_permission_it_was(box: Box, whose, ends):
    run = await box.generator.start(CALLER, box.request())
    stream = await box.source.stream(0)
    box.generator.runs.end_requests("m", TAKEN, **whose)
    box.generator.runs.end_requests("other", TAKEN)
    if not ends:
        stream.finish()
    assert (await text_and_end(run))[1] is (TAKEN if ends else None)
    await run.ended()
    assert stream.cancelled.is_set() == ends


class Heard:
    """A listener that forgets all but the end."""

    def __init__(self) -> None:
        self.ends = []

    def hear(self, event) -> bool:
        return True

    def decide(self, end):
        self.ends.append(end.error)
        return Charge()

    def end(self, end) -> None:
        self.ends.append(end)


async def test_a_line_of_a_batch_hears_it_once_it_is_settled(box: Box):
    heard = Heard()
    run = await box.generator.start(CALLER, box.request(), heard)
    await box.source.stream(0)
    box.ledger.settling.clear()
    box.generator.runs.end_requests("m", TAKEN)
    while not heard.ends:
        await asyncio.sleep(0)
    assert heard.ends == [TAKEN]
    box.ledger.settling.set()
    await run.ended()
    assert heard.ends == [TAKEN, TAKEN]


async def test_what_is_over_is_left_alone(box: Box):
    run = await box.generator.start(CALLER, box.request())
    (await box.source.stream(0)).finish(text="All")
    await run.ended()
    run.refuse(TAKEN)
    assert await text_and_end(run) == ("All", None)


async def test_tokens_are_not_told_either(box: Box):
    tokenizer = Tokenizer(models=box, admission=Switch(), queue=box.queue, turns=Turns())
    with pytest.raises(NotLicensed):
        await tokenizer.tokenize(CALLER, "m", box.request().prompt)
    with pytest.raises(NotLicensed):
        await tokenizer.detokenize(CALLER, "m", (1,))
