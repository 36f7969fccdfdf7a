"""``/v1/embeddings``: what is understood, what is refused, and the shapes of what comes back."""

import asyncio
import math
import struct
from base64 import b64decode
from collections.abc import AsyncIterator

import openai
import pytest

from appliance.domain.generation import (
    ChoiceFinished,
    Embedded,
    EmbeddingRequest,
    FinishReason,
    ServiceClass,
    Settled,
    TokenUsage,
)
from appliance.domain.prompts import TextPrompt, TokenPrompt
from appliance.errors import NotReady, ReplicaFailed
from tests.api.fakes import CALLER, KEY

VECTORS = ((0.6, 0.8, 0.0), (0.0, -0.28, 0.96), (1.0, 0.0, 0.0))


def packed(values: tuple[float, ...]) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def rounded(values: tuple[float, ...]) -> list[float]:
    """As float32 has them."""
    return list(struct.unpack(f"<{len(values)}f", packed(values)))


def makes(*indices: int, reason: FinishReason = FinishReason.STOP):
    """Vectors of these inputs, in this order."""

    async def script(_run) -> AsyncIterator:
        for index in indices:
            yield Embedded(index, packed(VECTORS[index]))
        yield ChoiceFinished(0, reason)
        yield Settled(TokenUsage(prompt_tokens=7, cached_tokens=0, completion_tokens=0))

    return script


async def embed(served, **fields):
    return await served.http.post("/v1/embeddings", json={"model": "tiny", "input": "Hi", **fields})


@pytest.fixture
async def client(served) -> AsyncIterator[openai.AsyncOpenAI]:
    url = f"http://127.0.0.1:{served.port}/v1"
    async with openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
        yield client


async def test_the_answer_has_the_openai_shape(served):
    served.box.script = makes(0, 1)

    response = await embed(served, input=["one", "two"])

    assert response.status_code == 200
    assert response.json() == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": rounded(VECTORS[0])},
            {"object": "embedding", "index": 1, "embedding": rounded(VECTORS[1])},
        ],
        "model": "tiny",
        "system_fingerprint": "crl-r3-abababababab-fake-1",
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
    }
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-carrel-queue-position"] == "0"
    assert response.headers["content-type"] == "application/json"
    assert served.box.runs[0].closed.is_set()


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("one", (TextPrompt("one"),)),
        (["one", "two"], (TextPrompt("one"), TextPrompt("two"))),
        ([5, 6, 7], (TokenPrompt((5, 6, 7)),)),
        ([[5, 6], [7]], (TokenPrompt((5, 6)), TokenPrompt((7,)))),
    ],
)
async def test_texts_and_tokens_reach_the_box_as_they_were_meant(served, given, understood):
    served.box.script = makes(*range(len(understood)))

    response = await embed(served, input=given, dimensions=2, service_tier="flex", user="ada")

    assert response.status_code == 200
    (request,) = served.box.requests
    assert request == EmbeddingRequest(
        request.id, "tiny", understood, service_class=ServiceClass.BATCH, dimensions=2
    )
    assert request.id == response.headers["x-request-id"]
    assert served.box.callers == [CALLER]
    assert "x-carrel-ignored" not in response.headers


async def test_base64_says_the_same_numbers_as_floats(served):
    served.box.script = makes(0, 1)

    floats = (await embed(served, input=["one", "two"], encoding_format="float")).json()["data"]
    texts = (await embed(served, input=["one", "two"], encoding_format="base64")).json()["data"]

    decoded = [list(struct.unpack("<3f", b64decode(one["embedding"]))) for one in texts]
    assert decoded == [one["embedding"] for one in floats]


@pytest.mark.parametrize("form", ["float", "base64"])
async def test_fewer_dimensions_are_the_first_ones_at_length_one(served, form):
    served.box.script = makes(1)

    (entry,) = (await embed(served, dimensions=2, encoding_format=form)).json()["data"]

    value = entry["embedding"]
    numbers = struct.unpack("<2f", b64decode(value)) if form == "base64" else value
    assert numbers == pytest.approx([0.0, -1.0])
    assert math.hypot(*numbers) == pytest.approx(1.0)


async def test_as_many_dimensions_as_there_are_change_nothing(served):
    served.box.script = makes(1)

    (entry,) = (await embed(served, dimensions=3)).json()["data"]

    assert entry["embedding"] == rounded(VECTORS[1])


async def test_a_vector_whose_first_numbers_are_zero_stays_finite(served):
    served.box.script = makes(1)

    (entry,) = (await embed(served, dimensions=1)).json()["data"]

    assert entry["embedding"] == [0.0]


async def test_vectors_are_listed_by_the_number_of_their_input(served):
    served.box.script = makes(2, 0, 1)

    data = (await embed(served, input=["a", "b", "c"])).json()["data"]

    assert [one["index"] for one in data] == [0, 1, 2]
    assert [one["embedding"] for one in data] == [rounded(one) for one in VECTORS]


async def test_a_place_in_the_queue_is_told_in_the_header(served):
    served.box.script, served.box.position = makes(0), 4

    assert (await embed(served)).headers["x-carrel-queue-position"] == "4"


async def test_unknown_fields_are_named(served):
    served.box.script = makes(0)

    response = await embed(served, stream=True, input_type="query")

    assert response.headers["x-carrel-ignored"] == "stream,input_type"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["one", ""]}, "input[1]"),
        ({"input": [[1, 2], []]}, "input[1]"),
        ({"input": ["one", 2]}, "input"),
        ({"input": [[1], 2]}, "input"),
        ({"input": [-1]}, "input[0]"),
        ({"input": [2**31]}, "input[0]"),
        ({"input": {"text": "one"}}, "input"),
        ({"input": None}, "input"),
        ({"input": ["x"] * 2049}, "input"),
        ({"input": "x" * 10_001}, "input"),
        ({"input": ["x" * 9_000] * 9}, "input"),
        ({"encoding_format": "int8"}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 1.5}, "dimensions"),
        ({"service_tier": "gold"}, "service_tier"),
        ({"truncate_prompt_tokens": 8}, "truncate_prompt_tokens"),
        ({"normalize": False}, "normalize"),
        ({"chat_template": "x"}, "chat_template"),
        ({"model_path": "/etc/passwd"}, "model_path"),
        ({"model": ""}, "model"),
    ],
)
async def test_what_cannot_be_done_is_refused_and_reaches_nobody(served, error_of, fields, param):
    response = await embed(served, **fields)

    assert response.status_code == 400
    assert error_of(response)["param"] == param
    assert served.box.requests == []


async def test_as_many_inputs_as_openai_takes_are_taken(served):
    async def script(run) -> AsyncIterator:
        for index in range(2048):
            yield Embedded(index, packed(VECTORS[0]))
        yield ChoiceFinished(0, FinishReason.STOP)
        yield Settled(TokenUsage(2048, 0, 0))

    served.box.script = script

    data = (await embed(served, input=["x"] * 2048)).json()["data"]

    assert [one["index"] for one in data] == list(range(2048))


async def test_the_box_answers_others_while_it_writes_many_vectors(served):
    wide = struct.pack("<4096f", *[0.25] * 4096)
    writing = asyncio.Event()

    async def script(run) -> AsyncIterator:
        for index in range(500):
            yield Embedded(index, wide)
            writing.set()
        yield ChoiceFinished(0, FinishReason.STOP)
        yield Settled(TokenUsage(500, 0, 0))

    served.box.script = script
    large = asyncio.ensure_future(embed(served, input=["x"] * 500))
    await writing.wait()

    assert (await served.http.get("/healthz")).status_code == 200
    assert served.box.runs[0].told < 500
    assert len((await large).json()["data"]) == 500


async def test_a_failure_has_its_own_status(served, error_of):
    async def script(_run) -> AsyncIterator:
        yield Embedded(0, packed(VECTORS[0]))
        raise ReplicaFailed("The process that made the answer has died. Send the request again.")

    served.box.script = script

    response = await embed(served, input=["one", "two"])

    assert response.status_code == ReplicaFailed.status
    assert error_of(response)["code"] == "replica_failed"
    assert served.box.runs[0].closed.is_set()


@pytest.mark.parametrize(
    ("script", "error"),
    [(makes(0), ReplicaFailed), (makes(0, 1, reason=FinishReason.CANCELLED), NotReady)],
    ids=["lacks a vector", "was ended by the box"],
)
async def test_what_is_not_whole_is_no_answer(served, error_of, script, error):
    served.box.script = script

    response = await embed(served, input=["one", "two"])

    assert response.status_code == error.status
    assert error_of(response)["code"] == error.code


async def test_a_client_that_leaves_ends_its_run(served):
    async def script(run) -> AsyncIterator:
        yield Embedded(0, packed(VECTORS[0]))
        await run.closed.wait()

    served.box.script = script
    leaving = asyncio.ensure_future(embed(served))
    await served.box.running.wait()

    leaving.cancel()

    async with asyncio.timeout(5):
        await served.box.runs[0].closed.wait()


async def test_the_official_client_gets_floats_whichever_form_it_asks_for(served, client):
    served.box.script = makes(0, 1)

    default = await client.embeddings.create(model="tiny", input=["one", "two"])
    floats = await client.embeddings.create(model="tiny", input=["one", "two"], encoding_format="float")

    assert [one.embedding for one in default.data] == [one.embedding for one in floats.data]
    assert default.data[0].embedding == rounded(VECTORS[0])
    assert default.usage.total_tokens == 7


async def test_the_list_of_models_says_which_make_vectors(served):
    data = (await served.http.get("/v1/models")).json()["data"]

    assert [one["carrel"]["embeds"] for one in data] == [False] * len(data)
