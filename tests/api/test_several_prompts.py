"""What happens to a call of several prompts when one of them fails, has no room, or nobody waits for it."""

import asyncio
import json
from dataclasses import dataclass, field

import pytest

from appliance.domain.generation import TextDelta
from appliance.domain.prompts import TextPrompt
from appliance.errors import (
    BudgetExhausted,
    ContextLengthExceeded,
    ModelNotRunning,
    PersonLimitReached,
    QueueFull,
    ReplicaFailed,
)
from tests.api.fakes import KEY, FakeGenerations
from tests.api.test_answers import events_in
from tests.api.text_scripts import reads
from tests.raw_connection import connected

DEADLINE_S = 10
PROMPTS = ["good", "bad", "good", "good"]


def prompt_of(request) -> str:
    assert isinstance(request.prompt, TextPrompt)
    return request.prompt.text


@dataclass
class SmallBox(FakeGenerations):
    """Has room for so many runs at once, or refuses the prompt that is called ``bad``."""

    room: int = 1000
    no_room: Exception = field(default_factory=lambda: QueueFull("The queue is full.", retry_after_s=5))
    refuses: Exception | None = None
    has_refused: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self, caller, request):
        await asyncio.sleep(0)
        if sum(not run.closed.is_set() for run in self.runs) >= self.room:
            self.has_refused.set()
            raise self.no_room
        if self.refuses is not None and prompt_of(request) == "bad":
            raise self.refuses
        return await super().start(caller, request)


@pytest.fixture
def box() -> SmallBox:
    return SmallBox(script=reads())


def breaks_on_bad(error: Exception):
    async def script(run):
        if prompt_of(run.request) == "bad":
            yield TextDelta(0, "Hal")
            raise error
        yield TextDelta(0, "Hel")
        await run.closed.wait()

    return script


async def test_refusal_of_one_prompt_refuses_the_call_names_it_and_ends_the_others(served, error_of):
    served.box.refuses = ContextLengthExceeded("The prompt is too long.", param="messages")
    served.box.script = breaks_on_bad(AssertionError())
    response = await served.complete(prompt=PROMPTS)
    assert response.status_code == 400
    assert error_of(response)["code"] == "context_length_exceeded"
    assert error_of(response)["param"] == "prompt[1]"
    assert all(run.closed.is_set() for run in served.box.runs)


@pytest.mark.parametrize(
    ("param", "told"), [("max_tokens", "max_tokens"), (None, "prompt"), ("messages", "prompt")]
)
async def test_refusal_of_the_only_prompt_names_its_field(served, error_of, param, told):
    served.box.refuses = ContextLengthExceeded("That does not fit.", param=param)
    assert error_of(await served.complete(prompt="bad"))["param"] == told


async def test_failure_of_one_prompt_fails_the_call_and_ends_the_others(served, error_of):
    served.box.script = breaks_on_bad(ReplicaFailed("The model's process died; send it again."))
    response = await served.complete(prompt=PROMPTS)
    assert response.status_code == 502
    assert error_of(response)["code"] == "replica_failed"
    assert all(run.closed.is_set() for run in served.box.runs)


async def test_failure_of_one_prompt_ends_a_stream_with_an_error_and_no_done(served):
    served.box.script = breaks_on_bad(ReplicaFailed("The model's process died; send it again."))
    response = await served.complete(prompt=PROMPTS, stream=True)
    assert response.status_code == 200
    last = json.loads(events_in(response.text)[-1])
    assert last["error"]["code"] == "replica_failed"
    assert last["error"]["request_id"] == response.headers["x-request-id"]
    assert "[DONE]" not in response.text
    assert all(run.closed.is_set() for run in served.box.runs)


async def test_defect_under_one_prompt_is_a_500_and_ends_the_others(served):
    served.box.script = breaks_on_bad(RuntimeError("SECRET"))
    response = await served.complete(prompt=PROMPTS)
    assert response.status_code == 500
    assert "SECRET" not in response.text + str(served.log.lines)
    assert all(run.closed.is_set() for run in served.box.runs)


async def test_prompt_that_never_settles_is_an_error(served):
    async def says_and_stops(run):
        yield TextDelta(0, "Hel")

    served.box.script = says_and_stops
    response = await served.complete(prompt=PROMPTS)
    assert response.status_code == 502


@pytest.mark.parametrize("no_room", [QueueFull("Full."), PersonLimitReached("You have enough.")])
async def test_prompts_without_room_wait_for_others_of_their_call(served, no_room):
    async def slow(run):
        await served.box.has_refused.wait()
        async for event in reads()(run):
            yield event

    served.box.room, served.box.no_room, served.box.script = 3, no_room, slow
    response = await served.complete(prompt=[str(number) for number in range(20)], echo=True)
    assert response.status_code == 200
    assert [one["text"] for one in response.json()["choices"]] == [f"{number} ok" for number in range(20)]


async def test_call_without_any_room_is_refused(served, error_of):
    served.box.room = 0
    response = await served.complete(prompt=PROMPTS)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "5"
    assert error_of(response)["code"] == "queue_full"


@pytest.mark.parametrize("refusal", [BudgetExhausted("Spent."), ModelNotRunning("It stopped.")])
async def test_other_refusals_are_not_waited_out(served, error_of, refusal):
    served.box.refuses = refusal
    response = await served.complete(prompt=PROMPTS)
    assert error_of(response)["code"] == refusal.code


def request_bytes(*, stream: bool) -> bytes:
    body = json.dumps({"model": "tiny", "prompt": ["good"] * 40, "stream": stream}).encode()
    head = (
        f"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@pytest.mark.parametrize("stream", [False, True])
async def test_leaving_ends_every_run_and_starts_no_other(served, stream):
    everybody = asyncio.Event()

    async def stalls(run):
        yield TextDelta(0, "Hel")
        if len(served.box.runs) == 16:
            everybody.set()
        await run.closed.wait()

    served.box.script = stalls
    async with connected(served.port) as (_, writer):
        writer.write(request_bytes(stream=stream))
        await asyncio.wait_for(everybody.wait(), DEADLINE_S)
    for run in served.box.runs:
        await asyncio.wait_for(run.closed.wait(), DEADLINE_S)
    assert len(served.box.runs) == 16
    assert not served.log.lines
