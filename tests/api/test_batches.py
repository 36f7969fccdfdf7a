"""Batches through the official client, in the shapes that its endpoints have over HTTP."""

import asyncio
import json

import openai
import pytest

from appliance.domain.generation import EmbeddingRequest, GenerationRequest, ServiceClass
from appliance.edge.errors import error_json
from tests.api.fakes import KEY, OTHER_KEY
from tests.services.overnight_fakes import ADA, FakeRun

CHAT = "/v1/chat/completions"


def line(name: str, body: object, url: str = CHAT) -> str:
    return json.dumps({"custom_id": name, "method": "POST", "url": url, "body": body})


def chat(**more: object) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **more}


@pytest.fixture
async def client(served):
    async with openai.AsyncOpenAI(
        api_key=KEY, base_url=f"http://127.0.0.1:{served.port}/v1", max_retries=0
    ) as one:
        yield one


async def send(client, *lines: str, endpoint: str = CHAT, **more):
    file = await client.files.create(file=("in.jsonl", "\n".join(lines).encode()), purpose="batch")
    return await client.batches.create(
        input_file_id=file.id, endpoint=endpoint, completion_window="24h", **more
    )


async def over(client, nights, batch):
    await nights.batches.status(batch.id, "completed", "failed", "cancelled")
    return await client.batches.retrieve(batch.id)


async def output(client, file_id) -> list[dict]:
    content = await client.files.content(file_id)
    return [json.loads(one) for one in content.text.splitlines()]


async def test_the_client_sends_a_batch_and_reads_its_answers(client, nights):
    batch = await send(client, line("a", chat()), line("b", chat()), metadata={"run": "7"})
    assert (batch.object, batch.status, batch.metadata) == ("batch", "validating", {"run": "7"})
    done = await over(client, nights, batch)
    assert (done.status, done.request_counts.completed, done.errors) == ("completed", 2, None)
    assert done.completed_at
    assert done.failed_at is None
    first, second = await output(client, done.output_file_id)
    assert (first["custom_id"], second["custom_id"]) == ("a", "b")
    answer = first["response"]["body"]
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "yes"
    assert answer["usage"]["total_tokens"] == 5
    assert answer["service_tier"] == "flex"
    file = await client.files.retrieve(done.output_file_id)
    assert file.purpose == "batch_output"
    assert [one.id async for one in client.batches.list()] == [batch.id]


async def test_every_endpoint_is_read_and_answered_as_over_http(client, nights):
    for url, body, kind in (
        ("/v1/completions", {"model": "m", "prompt": "Hi"}, "text_completion"),
        ("/v1/completions", {"model": "m", "prompt": [72, 105], "n": 1}, "text_completion"),
        ("/v1/responses", {"model": "m", "input": "Hi"}, "response"),
        (CHAT, chat(n=1, logprobs=True), "chat.completion"),
    ):
        done = await over(client, nights, await send(client, line("a", body, url), endpoint=url))
        assert done.error_file_id is None, await output(client, done.error_file_id)
        (answer,) = await output(client, done.output_file_id)
        assert answer["response"]["body"]["object"] == kind
    assert {type(run.request) for run in nights.box.runs} == {GenerationRequest}
    assert {run.request.service_class for run in nights.box.runs} == {ServiceClass.OVERNIGHT}


async def test_vectors_are_answered_too(client, nights):
    from appliance.domain.generation import ChoiceFinished, Embedded, FinishReason

    async def embed(run: FakeRun) -> None:
        for index in range(2):
            run._listener.hear(Embedded(index, bytes(8)))
        run._listener.hear(ChoiceFinished(0, FinishReason.STOP))
        await run.finish()

    nights.box.script = embed
    body = {"model": "m", "input": ["a", "b"]}
    url = "/v1/embeddings"
    done = await over(client, nights, await send(client, line("a", body, url), endpoint=url))
    (answer,) = await output(client, done.output_file_id)
    assert [one["embedding"] for one in answer["response"]["body"]["data"]] == [[0, 0], [0, 0]]
    assert isinstance(nights.box.runs[0].request, EmbeddingRequest)


@pytest.mark.parametrize(
    ("url", "body", "param"),
    [
        (CHAT, {}, "model"),
        (CHAT, chat(stream=True), "stream"),
        (CHAT, chat(temperature=9), "temperature"),
        (CHAT, chat(chat_template="{{ x }}"), "chat_template"),
        (CHAT, chat(messages=[{"role": "user", "content": "x" * 20_000}]), "messages"),
        (CHAT, chat(user={"a": [[[[]]]] * 9}), None),
        ("/v1/completions", {"model": "m", "prompt": ["a", "b"]}, "prompt"),
        ("/v1/completions", {"model": "m", "prompt": [1, 2], "echo": True}, "echo"),
        ("/v1/embeddings", {"model": "m", "input": ["a"] * 65}, "input"),
        ("/v1/responses", {"model": "m", "input": "x", "stream": True}, "stream"),
    ],
)
async def test_a_line_that_its_endpoint_refuses_has_that_refusal(client, nights, url, body, param):
    fine = {
        CHAT: chat(),
        "/v1/completions": {"model": "m", "prompt": "x"},
        "/v1/responses": {"model": "m", "input": "x"},
        "/v1/embeddings": {},
    }[url]
    batch = await send(client, line("bad", body, url), line("fine", fine, url), endpoint=url)
    done = await over(client, nights, batch)
    if param is None:
        assert done.error_file_id is None
        return
    wrong = (await output(client, done.error_file_id))[0]
    assert wrong["custom_id"] == "bad"
    assert wrong["response"]["status_code"] == 400
    assert wrong["response"]["body"]["error"]["param"] == param
    assert done.status == "completed"


async def test_a_deeply_nested_line_is_refused_and_kills_nothing(client, nights):
    deep = "[" * 500 + "]" * 500
    nested = f'{{"custom_id":"deep","method":"POST","url":"{CHAT}","body":{{"a":{deep}}}}}'
    done = await over(client, nights, await send(client, nested, line("fine", chat())))
    (wrong,) = await output(client, done.error_file_id)
    assert wrong["response"]["status_code"] == 400
    assert done.request_counts.completed == 1


async def test_a_file_with_wrong_lines_fails_with_their_numbers(client, nights):
    done = await over(client, nights, await send(client, line("a", chat()), line("a", chat()), "{"))
    assert done.status == "failed"
    assert [(one.line, one.code) for one in done.errors.data] == [
        (2, "duplicate_custom_id"),
        (3, "invalid_json_line"),
    ]
    assert done.failed_at
    assert done.output_file_id is None


async def test_the_client_cancels_a_batch(client, nights):
    nights.box.script = lambda run: run.cancelled.wait()
    batch = await send(client, line("a", chat()))
    await nights.box.began(1)
    cancelling = await client.batches.cancel(batch.id)
    assert cancelling.status == "cancelling"
    await nights.box.runs[0].finish()
    done = await over(client, nights, batch)
    assert (done.status, bool(done.cancelled_at)) == ("cancelled", True)
    with pytest.raises(openai.ConflictError):
        await client.batches.cancel(batch.id)


@pytest.mark.parametrize(
    ("changes", "error", "param"),
    [
        ({"endpoint": "/v1/score"}, openai.BadRequestError, "endpoint"),
        ({"completion_window": "1h"}, openai.BadRequestError, "completion_window"),
        ({"input_file_id": "file-other"}, openai.NotFoundError, "file_id"),
        ({"metadata": {"k": "x" * 513}}, openai.BadRequestError, "metadata[...]"),
        ({"metadata": {"x" * 65: "v"}}, openai.BadRequestError, None),
    ],
)
async def test_what_cannot_be_a_batch_is_refused(client, changes, error, param):
    file = await client.files.create(file=("in.jsonl", b"{}"), purpose="batch")
    asked = {"input_file_id": file.id, "endpoint": CHAT, "completion_window": "24h", **changes}
    with pytest.raises(error) as refused:
        await client.batches.create(**asked)
    if param is not None:
        assert refused.value.param == param


async def test_what_belongs_to_another_is_not_there(client, served, nights):
    batch = await send(client, line("a", chat()))
    await nights.batches.status(batch.id, "completed")
    async with openai.AsyncOpenAI(
        api_key=OTHER_KEY, base_url=f"http://127.0.0.1:{served.port}/v1", max_retries=0
    ) as other:
        for touch in (
            other.batches.retrieve(batch.id),
            other.batches.cancel(batch.id),
            other.batches.list(after=batch.id),
            other.batches.create(input_file_id=batch.input_file_id, endpoint=CHAT, completion_window="24h"),
        ):
            with pytest.raises(openai.NotFoundError):
                await touch
        assert [one.id async for one in other.batches.list()] == []


async def test_lists_go_page_by_page(client, nights):
    ids = [(await send(client, line("a", chat()))).id for _ in range(3)]
    assert [one.id async for one in client.batches.list(limit=2)] == ids[::-1]


async def test_fields_that_mean_nothing_are_named(served):
    sent = await served.http.post(
        "/v1/files", data={"purpose": "batch"}, files={"file": ("a", line("a", chat()).encode())}
    )
    answer = await served.http.post(
        "/v1/batches",
        json={
            "input_file_id": sent.json()["id"],
            "endpoint": CHAT,
            "completion_window": "24h",
            "output_expires_after": {"anchor": "created_at", "seconds": 3600},
        },
    )
    assert answer.headers["x-carrel-ignored"] == "output_expires_after"


async def test_an_error_of_a_line_has_the_body_that_it_has_over_http(nights):
    from appliance.errors import ModelNotFound

    error = ModelNotFound("No model of that name.", param="model")
    assert nights.endpoints.refusal(error, "req_1") == error_json(error, "req_1")


async def test_an_answer_is_written_without_letting_anybody_in_between(nights):
    batch = await nights.batch(line("a", chat()).encode(), ADA)
    async with asyncio.timeout(5):
        await nights.batches.status(batch.id, "completed")
    assert len(nights.batches.charged) == 1
