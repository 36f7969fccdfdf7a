"""What a client is told while it waits: comments in a stream, a header on every answer, the service tier."""

import pytest
from openai import AsyncOpenAI

from appliance.domain.generation import ServiceClass, Waiting
from appliance.errors import PersonLimitReached, QueueTimedOut
from tests.api.fakes import KEY, waits

NEWS = (Waiting(3, None), Waiting(2, 12), Waiting(1, 5))


async def test_a_stream_tells_the_position_in_comments_before_any_text(served):
    served.box.script = waits(*NEWS)
    text = (await served.chat(stream=True)).text
    comments = [line for line in text.splitlines() if line.startswith(":")]
    assert comments == [": queue position=3", ": queue position=2 eta_s=12", ": queue position=1 eta_s=5"]
    assert text.index("eta_s=5") < text.index('"Hi"')
    assert text.endswith("data: [DONE]\n\n")


async def test_an_official_client_reads_past_the_comments(served):
    served.box.script = waits(*NEWS)
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{served.port}/v1", api_key=KEY) as client:
        stream = await client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert text == "Hi"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("position", [0, 4])
async def test_every_answer_says_where_in_the_queue_it_began(served, stream, position):
    served.box.position = position
    response = await served.chat(stream=stream)
    assert response.headers["x-carrel-queue-position"] == str(position)


async def test_waiting_too_long_ends_a_whole_answer_with_a_time_to_try_again(served, error_of):
    served.box.script = waits(*NEWS, error=QueueTimedOut("The queue is long.", retry_after_s=30))
    response = await served.chat()
    assert response.status_code == 503
    assert response.headers["retry-after"] == "30"
    assert error_of(response)["code"] == "queue_timed_out"


async def test_waiting_too_long_ends_a_stream_with_an_error_event(served):
    served.box.script = waits(*NEWS, error=QueueTimedOut("The queue is long.", retry_after_s=30))
    text = (await served.chat(stream=True)).text
    assert '"code":"queue_timed_out"' in text
    assert "[DONE]" not in text


async def test_one_persons_limit_is_told_with_a_time_to_try_again(served, error_of):
    served.box.refusal = PersonLimitReached("64 of your requests wait.", retry_after_s=5)
    response = await served.chat()
    assert (response.status_code, response.headers["retry-after"]) == (429, "5")
    assert error_of(response)["code"] == "person_limit_reached"


@pytest.mark.parametrize(
    ("tier", "asked", "answered"),
    [
        (None, ServiceClass.INTERACTIVE, "default"),
        ("auto", ServiceClass.INTERACTIVE, "default"),
        ("default", ServiceClass.INTERACTIVE, "default"),
        ("priority", ServiceClass.INTERACTIVE, "default"),
        ("flex", ServiceClass.BATCH, "flex"),
    ],
)
async def test_the_service_tier_decides_the_class_and_is_answered(served, tier, asked, answered):
    for response in (await served.chat(service_tier=tier), await served.complete(service_tier=tier)):
        assert response.json()["service_tier"] == answered
        assert "x-carrel-ignored" not in response.headers
    assert [request.service_class for request in served.box.requests] == [asked, asked]


@pytest.mark.parametrize("tier", ["scale", "", "FLEX"])
async def test_another_service_tier_is_refused(served, error_of, tier):
    response = await served.chat(service_tier=tier)
    assert response.status_code == 400
    assert error_of(response)["param"] == "service_tier"
