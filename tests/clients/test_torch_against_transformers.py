"""Log-probabilities of the torch engine in float32 over HTTP: against transformers on the same weights, and
against the F16 file of the same model on llama.cpp.
"""

import json
import subprocess
from collections.abc import Iterator

import openai
import pytest

from scripts.model_box import ModelBox
from tests.clients import reference
from tests.clients.conftest import DEMO, MODEL, PYTHON, ROOT
from tests.required import not_run

FROM_TRANSFORMERS = 1e-3
FROM_F16 = 0.05
LINES = 40
NEEDED = "import bitsandbytes, torch, transformers"


@pytest.fixture(scope="module")
def torch_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelBox]:
    if subprocess.run([PYTHON, "-c", NEEDED], capture_output=True, check=False).returncode:
        not_run("the extra torch is not installed where the box runs")
    folder = tmp_path_factory.mktemp("torch")
    # One thread: beside other work, threads that wait for each other at a barrier wait long.
    with ModelBox(
        DEMO,
        folder,
        context_tokens=512,
        sequences=16,
        python=PYTHON,
        precision="float32",
        worker_threads=1,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def prompts() -> list[list[int]]:
    lines = ROOT.joinpath("appliance/services/verifying/prose.txt").read_text(encoding="utf-8").split("\n\n")
    rows = [json.loads(line) for line in ROOT.joinpath("tests/clients/tasks/handbook_choices.jsonl").open()]
    texts = [*lines[:LINES], *(row["question"] for row in rows), "\n\n".join(lines[:12])]
    return [reference.tokenizer().encode(text) for text in texts]


def told(box: ModelBox, key: str, prompts: list[list[int]]) -> list[list[float]]:
    """Of each token but the first of every prompt; all of them in one call, so that they share passes."""
    with openai.OpenAI(base_url=box.url, api_key=key, timeout=120) as client:
        answer = client.completions.create(model=MODEL, prompt=prompts, max_tokens=0, echo=True, logprobs=1)
    return [choice.logprobs.token_logprobs[1:] for choice in answer.choices]


@pytest.fixture(scope="module")
def by_torch(torch_box, prompts) -> list[list[float]]:
    return told(torch_box, torch_box.new_key("clients"), prompts)


def gaps(one: list[list[float]], other: list[list[float]]) -> list[float]:
    return [
        abs(here - there)
        for left, right in zip(one, other, strict=True)
        for here, there in zip(left, right, strict=True)
    ]


def test_log_probabilities_are_those_of_transformers(by_torch, prompts):
    found = gaps(by_torch, [reference.token_logprobs(one) for one in prompts])
    print(f"torch float32 against transformers: {len(found)} compared, largest difference {max(found):.6f}")
    assert len(found) > 1000
    assert max(found) <= FROM_TRANSFORMERS


def test_log_probabilities_are_near_those_of_the_f16_file_on_llama_cpp(by_torch, box, key, prompts):
    found = gaps(by_torch, told(box, key, prompts))
    print(
        f"torch float32 against F16 on llama.cpp: {len(found)} compared, largest difference {max(found):.5f}"
    )
    assert max(found) <= FROM_F16


def test_next_tokens_have_the_log_probabilities_that_transformers_gives_them(torch_box, prompts):
    """Of a greedy answer, token by token out of the KV cache."""
    with openai.OpenAI(base_url=torch_box.url, api_key=torch_box.new_key("next"), timeout=120) as client:
        answer = client.completions.create(
            model=MODEL, prompt=prompts[LINES:], max_tokens=16, temperature=0, logprobs=0
        )
    found = []
    for prompt, choice in zip(prompts[LINES:], answer.choices, strict=True):
        known, _ = reference.greedy(prompt, 16, frozenset({0, 1, 2}))
        whole = reference.token_logprobs([*prompt, *known])[len(prompt) - 1 :]
        said = choice.logprobs.token_logprobs
        found += [abs(here - there) for here, there in zip(said, whole, strict=False)]
    print(f"next tokens: {len(found)} compared, largest difference {max(found):.6f}")
    assert len(found) > 200
    assert max(found) <= FROM_TRANSFORMERS
