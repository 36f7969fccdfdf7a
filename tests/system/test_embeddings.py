"""Vectors from a real box, for the official client."""

import base64
import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import openai
import pytest

from appliance.engines.base import EngineSpec
from appliance.engines.llama_cpp.plugin import plugin
from scripts.model_box import ModelBox

pytestmark = pytest.mark.slow

F16 = Path(__file__).parents[2] / "recipes" / "handbook-tiny" / "handbook-tiny-f16.gguf"
TEXTS = [
    "Which port does Carrel listen on?",
    "How do I run a model?",
    "A fox.",
    "On which port does it listen?",
]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelBox]:
    folder = tmp_path_factory.mktemp("box")
    with ModelBox(F16, folder, context_tokens=512, sequences=8, vectors=True, worker_threads=1) as running:
        yield running


@pytest.fixture(scope="module")
def client(box: ModelBox) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=box.url, api_key=box.new_key("vectors"), max_retries=0) as client:
        yield client


def cosine(one: list[float], other: list[float]) -> float:
    return float(np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other)))


def test_floats_and_base64_are_the_same_numbers(client: openai.OpenAI):
    floats = client.embeddings.create(model="vectors", input=TEXTS, encoding_format="float")
    unasked = client.embeddings.create(model="vectors", input=TEXTS)
    raw = client.embeddings.with_raw_response.create(model="vectors", input=TEXTS, encoding_format="base64")

    texts = [one["embedding"] for one in json.loads(raw.content)["data"]]
    decoded = [
        list(struct.unpack(f"<{len(floats.data[0].embedding)}f", base64.b64decode(one))) for one in texts
    ]
    assert [one.embedding for one in floats.data] == [one.embedding for one in unasked.data] == decoded
    assert [one.index for one in floats.data] == [0, 1, 2, 3]
    assert floats.usage.prompt_tokens == floats.usage.total_tokens > len(TEXTS)


def test_vectors_are_those_of_the_engine_alone(client: openai.OpenAI):
    spec = EngineSpec("llama_cpp", str(F16), 512, 512, 8, pooling="mean")
    vocabulary = plugin.open_vocabulary(spec)
    tokens = [vocabulary.tokenize(text, parse_special=False) for text in TEXTS]
    embedder = plugin.open_embedder(spec)
    expected = [np.frombuffer(embedder.embed([one])[0], "<f4") for one in tokens]
    embedder.close()

    answer = client.embeddings.create(model="vectors", input=TEXTS)
    by_tokens = client.embeddings.create(model="vectors", input=tokens)

    assert np.abs(np.array([one.embedding for one in answer.data]) - expected).max() <= 1e-4
    assert np.abs(np.array([one.embedding for one in by_tokens.data]) - expected).max() <= 1e-4
    assert answer.usage.prompt_tokens == sum(map(len, tokens))


def test_one_text_is_one_vector_of_length_one_and_dimensions_cut_it(client: openai.OpenAI):
    whole = client.embeddings.create(model="vectors", input=TEXTS[0]).data[0].embedding
    cut = client.embeddings.create(model="vectors", input=TEXTS[0], dimensions=16).data[0].embedding

    assert math.hypot(*whole) == pytest.approx(1)
    assert math.hypot(*cut) == pytest.approx(1)
    assert cosine(whole[:16], cut) == pytest.approx(1, abs=1e-5)


def test_two_thousand_inputs_come_back_in_their_order_and_are_charged_once(
    box: ModelBox, client: openai.OpenAI
):
    numbers = [f"number {index}" for index in range(2048)]
    answer = client.embeddings.create(model="vectors", input=numbers)
    few = client.embeddings.create(model="vectors", input=[numbers[2047], numbers[5]])

    assert [one.index for one in answer.data] == list(range(2048))
    assert cosine(answer.data[2047].embedding, few.data[0].embedding) == pytest.approx(1, abs=1e-4)
    assert cosine(answer.data[5].embedding, few.data[1].embedding) == pytest.approx(1, abs=1e-4)
    charged = [one for one in _rows(box) if one["prompt_tokens"] == answer.usage.prompt_tokens]
    assert [(one["outcome"], one["completion_tokens"]) for one in charged] == [("completed", 0)]
    assert 0 < charged[0]["gflop"] == charged[0]["hold_gflop"]


def _rows(box: ModelBox) -> list[dict]:
    import sqlite3

    path = Path(box.environment["CARREL_HOME"]) / "data" / "carrel.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute("SELECT * FROM usage ORDER BY seq")]
    finally:
        connection.close()


def test_each_model_refuses_what_it_is_not_made_for_and_names_what_to_use(client: openai.OpenAI):
    question = [{"role": "user", "content": "Hello"}]
    with pytest.raises(openai.BadRequestError, match="/v1/embeddings"):
        client.chat.completions.create(model="vectors", messages=question)
    with pytest.raises(openai.BadRequestError, match="/v1/embeddings"):
        client.completions.create(model="vectors", prompt="Hello")
    with pytest.raises(openai.BadRequestError, match="embeds"):
        client.embeddings.create(model="model", input="Hello")
    with pytest.raises(openai.BadRequestError, match="dimensions"):
        client.embeddings.create(model="vectors", input="Hello", dimensions=10_000)


def test_the_list_of_models_says_which_one_makes_vectors(client: openai.OpenAI):
    told = {one.id: one.carrel["embeds"] for one in client.models.list().data}

    assert told == {"model": False, "vectors": True}


def test_a_text_over_the_context_is_named(box: ModelBox, client: openai.OpenAI):
    with pytest.raises(openai.BadRequestError, match="Input 1") as refused:
        client.embeddings.create(model="vectors", input=["short", "word " * 700])

    assert refused.value.code == "context_length_exceeded"
    assert httpx.get(f"http://127.0.0.1:{box.port}/readyz").status_code == 200
