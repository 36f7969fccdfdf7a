"""The official client, told only where the box is and which key to use."""

import os
import subprocess
import sys
from collections.abc import Iterator

import openai
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

QUESTION = [{"role": "user", "content": "Which port does Carrel listen on?"}]


@pytest.fixture
def client(box: RealBox, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=box.url, api_key=key, max_retries=0) as client:
        yield client


def test_with_only_two_environment_variables_it_lists_chats_streams_and_reads_usage(box: RealBox, key: str):
    script = """
from openai import OpenAI
client = OpenAI()
model = client.models.list().data[0].id
question = {"role": "user", "content": "Which port does Carrel listen on?"}
ask = dict(model=model, temperature=0, messages=[question])
whole = client.chat.completions.create(**ask)
assert "7411" in whole.choices[0].message.content, whole
assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
parts = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
text = "".join(p.choices[0].delta.content or "" for p in parts if p.choices)
assert text == whole.choices[0].message.content, (text, whole)
assert parts[-1].choices == [], parts[-1]
again, usage = parts[-1].usage, whole.usage
assert (again.prompt_tokens, again.completion_tokens) == (usage.prompt_tokens, usage.completion_tokens), again
assert again.prompt_tokens_details.cached_tokens > 0, again
print("ok", model)
"""
    kept = {"PATH": os.environ["PATH"], "OPENAI_BASE_URL": box.url, "OPENAI_API_KEY": key}
    done = subprocess.run(
        [sys.executable, "-c", script], env=kept, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "ok handbook-tiny\n", done.stderr


def test_one_model_can_be_retrieved(client: openai.OpenAI):
    assert client.models.retrieve("handbook-tiny").id == "handbook-tiny"


def test_completions_stream_and_not_give_the_same_text(client: openai.OpenAI):
    ask = {"model": "handbook-tiny", "prompt": "Carrel listens on", "max_tokens": 12, "temperature": 0}
    whole = client.completions.create(**ask)
    parts = list(client.completions.create(**ask, stream=True))
    assert "".join(part.choices[0].text for part in parts if part.choices) == whole.choices[0].text
    assert whole.usage.completion_tokens <= 12


def test_the_same_seed_gives_the_same_text(client: openai.OpenAI):
    ask = {"model": "handbook-tiny", "messages": QUESTION, "temperature": 1.2, "seed": 11, "max_tokens": 20}
    first, second = (client.chat.completions.create(**ask).choices[0].message.content for _ in range(2))
    assert first == second


def test_a_stop_string_ends_the_answer_before_it(client: openai.OpenAI):
    whole = client.chat.completions.create(model="handbook-tiny", messages=QUESTION, temperature=0)
    cut = client.chat.completions.create(
        model="handbook-tiny", messages=QUESTION, temperature=0, stop=["7411"]
    )
    assert cut.choices[0].message.content == whole.choices[0].message.content.split("7411")[0]
    assert cut.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_max_tokens_is_exact(client: openai.OpenAI, limit: int):
    answer = client.chat.completions.create(
        model="handbook-tiny", messages=QUESTION, temperature=0, max_completion_tokens=limit
    )
    assert answer.usage.completion_tokens == limit
    assert answer.choices[0].finish_reason == "length"


def test_a_wrong_key_an_unknown_model_and_a_long_prompt_raise_the_clients_own_errors(box: RealBox, client):
    wrong = openai.OpenAI(base_url=box.url, api_key="crl_wrong", max_retries=0)
    with wrong, pytest.raises(openai.AuthenticationError):
        wrong.models.list()
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-4", messages=QUESTION)
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model="handbook-tiny", messages=[{"role": "user", "content": "word " * 700}]
        )
    assert refused.value.code == "context_length_exceeded"
