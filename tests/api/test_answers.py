"""The shapes of answers, whole and streamed, and that none is complete before it is settled."""

import asyncio
import json

import pytest

from appliance.domain.generation import FinishReason, SamplingWishes
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.errors import BudgetExhausted, NotReady, ReplicaFailed
from tests.api.fakes import CALLER, answers, fails_after, settles_on

FINGERPRINT = "crl-r3-abababababab-fake-1"
USAGE = {
    "prompt_tokens": 7,
    "completion_tokens": 3,
    "total_tokens": 10,
    "prompt_tokens_details": {"cached_tokens": 2},
    "completion_tokens_details": {"reasoning_tokens": 0},
}


def events_in(text: str) -> list[str]:
    return [part.removeprefix("data: ") for part in text.split("\n\n") if part.startswith("data: ")]


async def test_whole_chat_answer_has_the_openai_shape(served):
    response = await served.chat()
    assert response.status_code == 200
    body = response.json()
    assert body.pop("id").startswith("chatcmpl-")
    assert body == {
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "tiny",
        "system_fingerprint": FINGERPRINT,
        "service_tier": "default",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Hello there",
                    "refusal": None,
                    "annotations": [],
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-carrel-seed"] == "42"
    assert served.box.runs[0].closed.is_set()


async def test_whole_completion_has_the_openai_shape(served):
    body = (await served.complete()).json()
    assert body.pop("id").startswith("cmpl-")
    assert body == {
        "object": "text_completion",
        "created": 1_700_000_000,
        "model": "tiny",
        "system_fingerprint": FINGERPRINT,
        "service_tier": "default",
        "choices": [{"text": "Hello there", "finish_reason": "stop", "index": 0, "logprobs": None}],
        "usage": USAGE,
    }


async def test_chat_request_reaches_the_box_as_it_was_meant(served):
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    response = await served.chat(
        messages=[
            {"role": "developer", "content": "Be brief.", "name": "x"},
            {"role": "user", "content": parts},
        ],
        temperature=0.5,
        top_p=0.9,
        top_k=-1,
        min_p=0.1,
        seed=-3,
        max_completion_tokens=9,
        stop="END",
    )
    assert response.status_code == 200
    request = served.box.requests[0]
    assert served.box.callers == [CALLER]
    assert request.id == response.headers["x-request-id"]
    assert request.prompt == ChatPrompt((Message("developer", "Be brief."), Message("user", "one\ntwo")))
    assert request.sampling == SamplingWishes(temperature=0.5, top_p=0.9, top_k=0, min_p=0.1, seed=-3)
    assert (request.model, request.max_tokens, request.stop) == ("tiny", 9, ("END",))


async def test_completion_takes_16_tokens_where_nothing_is_said(served):
    await served.complete(prompt=["Once"])
    assert served.box.requests[0].prompt == TextPrompt("Once")
    assert served.box.requests[0].max_tokens == 16


async def test_chat_leaves_the_length_to_the_recipe_where_nothing_is_said(served):
    await served.chat()
    assert served.box.requests[0].max_tokens is None


async def test_chat_stream_begins_with_the_role_and_ends_with_done(served):
    response = await served.chat(stream=True)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.headers["cache-control"] == "no-store"
    *chunks, done = events_in(response.text)
    assert done == "[DONE]"
    chunks = [json.loads(chunk) for chunk in chunks]
    assert {chunk["id"] for chunk in chunks} == {chunks[0]["id"]}
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert all(
        set(chunk) == {"id", "object", "created", "model", "system_fingerprint", "service_tier", "choices"}
        for chunk in chunks
    )
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": "", "refusal": None},
        {"content": "Hello"},
        {"content": " there"},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, None, None, "stop"]


async def test_stream_gives_usage_last_where_it_was_asked_for(served):
    response = await served.chat(stream=True, stream_options={"include_usage": True})
    *chunks, last, _ = events_in(response.text)
    assert json.loads(last)["choices"] == []
    assert json.loads(last)["usage"] == USAGE
    assert all(json.loads(chunk)["usage"] is None for chunk in chunks)


async def test_completion_stream_has_no_role_chunk(served):
    response = await served.complete(stream=True)
    *chunks, done = events_in(response.text)
    choices = [json.loads(chunk)["choices"][0] for chunk in chunks]
    assert done == "[DONE]"
    assert [choice["text"] for choice in choices] == ["Hello", " there", ""]
    assert [choice["finish_reason"] for choice in choices] == [None, None, "stop"]


async def test_text_that_needs_escaping_survives_the_stream(served):
    text = 'quote " backslash \\ newline \n nul-free \u2028 emoji \U0001f600 </script> data: [DONE]\n\n'
    served.box.script = answers(text)
    response = await served.chat(stream=True)
    said = [json.loads(event) for event in events_in(response.text)[:-1]]
    assert said[1]["choices"][0]["delta"]["content"] == text


@pytest.mark.parametrize("stream", [False, True])
async def test_nothing_final_is_sent_before_the_ledger_has_it(served, stream):
    settled = asyncio.Event()
    served.box.script = settles_on(settled)
    body = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}], "stream": stream}
    sending = asyncio.create_task(served.http.post("/v1/chat/completions", json=body))
    await served.box.running.wait()
    await served.box.runs[0].all_said.wait()
    assert (await served.http.get("/healthz")).status_code == 200
    assert not sending.done()
    settled.set()
    response = await sending
    assert response.status_code == 200
    assert ("[DONE]" in response.text) is stream


async def test_stream_shows_no_end_while_the_ledger_is_busy(served):
    settled = asyncio.Event()
    served.box.script = settles_on(settled)
    body = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    async with served.http.stream("POST", "/v1/chat/completions", json=body) as response:
        parts = response.aiter_text()
        seen = ""
        while '"Hi"' not in seen:
            seen += await anext(parts)
        assert 'finish_reason":"stop' not in seen
        settled.set()
        async for part in parts:
            seen += part
    assert 'finish_reason":"stop' in seen
    assert seen.endswith("data: [DONE]\n\n")


async def test_failure_in_a_stream_is_an_error_event_and_no_done(served):
    served.box.script = fails_after("Hel", error=ReplicaFailed("The model's process died; send it again."))
    response = await served.chat(stream=True)
    assert response.status_code == 200
    last = json.loads(events_in(response.text)[-1])
    assert last["error"]["code"] == "replica_failed"
    assert last["error"]["request_id"] == response.headers["x-request-id"]
    assert "[DONE]" not in response.text
    assert served.box.runs[0].closed.is_set()


async def test_failure_of_a_whole_answer_has_its_status(served, error_of):
    served.box.script = fails_after("Hel", error=ReplicaFailed("The model's process died; send it again."))
    response = await served.chat()
    assert response.status_code == 502
    assert error_of(response)["code"] == "replica_failed"


async def test_refusal_before_a_stream_begins_has_its_status_and_headers(served, error_of):
    served.box.refusal = BudgetExhausted("The budget is spent; ask your lead.", retry_after_s=60)
    response = await served.chat(stream=True)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "60"
    assert response.headers["x-should-retry"] == "false"
    assert error_of(response)["type"] == "insufficient_quota"


@pytest.mark.parametrize("stream", [False, True])
async def test_request_that_the_box_ended_is_an_error_and_not_an_answer(served, stream):
    served.box.script = answers("Hel", reason=FinishReason.CANCELLED)
    response = await served.chat(stream=stream)
    assert "[DONE]" not in response.text
    if stream:
        assert json.loads(events_in(response.text)[-1])["error"]["code"] == NotReady.code
    else:
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize("stream", [False, True])
async def test_run_that_never_settles_is_an_error(served, stream):
    async def says_and_stops(_run):
        from appliance.domain.generation import TextDelta

        yield TextDelta(0, "Hel")

    served.box.script = says_and_stops
    response = await served.chat(stream=stream)
    assert "replica_failed" in response.text
    assert "[DONE]" not in response.text
