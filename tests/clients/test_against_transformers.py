"""Log-probabilities and greedy tokens of the F16 file over HTTP, against transformers on the same weights."""

import json

import openai
import pytest

from tests.clients import reference
from tests.clients.conftest import MODEL, ROOT

WIDEST_GAP = 0.05
ENDS = frozenset({0, 1, 2})


@pytest.fixture(scope="module")
def client(box, key):
    with openai.OpenAI(base_url=box.url, api_key=key, timeout=120) as one:
        yield one


@pytest.fixture(scope="module")
def prompts() -> list[str]:
    rows = [json.loads(line) for line in ROOT.joinpath("tests/clients/tasks/handbook_choices.jsonl").open()]
    beginnings = [row["choices"][0][:40] for row in rows[:10]]
    return [row["question"] for row in rows] + beginnings


def test_log_probabilities_of_prompts_are_those_of_the_reference(client, prompts):
    tokens = [reference.tokenizer().encode(prompt) for prompt in prompts]
    answer = client.completions.create(model=MODEL, prompt=tokens, max_tokens=0, echo=True, logprobs=1)
    gaps = [
        abs(told - known)
        for one, choice in zip(tokens, answer.choices, strict=True)
        for told, known in zip(choice.logprobs.token_logprobs[1:], reference.token_logprobs(one), strict=True)
    ]
    print(f"log-probabilities compared: {len(gaps)}, largest difference {max(gaps):.5f}")
    assert len(gaps) > 300
    assert max(gaps) <= WIDEST_GAP


def test_greedy_answers_are_those_of_the_reference(client, prompts):
    tokens = [reference.tokenizer().encode(prompt) for prompt in prompts]
    answer = client.completions.create(model=MODEL, prompt=tokens, max_tokens=24, temperature=0, logprobs=0)
    assert len(prompts) == 50
    same = excused = 0
    for one, choice in zip(tokens, answer.choices, strict=True):
        known, gaps = reference.greedy(one, 24, ENDS)
        told = list(choice.logprobs.tokens)
        wanted = [reference.tokenizer().decode([token]) for token in known]
        parting = next(
            (at for at, pair in enumerate(zip(told, wanted, strict=False)) if pair[0] != pair[1]), None
        )
        same += parting is None
        if parting is not None:
            assert gaps[parting] < WIDEST_GAP, (one, told, wanted)
            excused += 1
    print(f"greedy answers: {same} of {len(prompts)} equal, {excused} part where the best two are that close")
