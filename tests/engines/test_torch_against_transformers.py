"""The torch engine computes what transformers computes, whatever shares a pass with whom.

Prompts of several sequences are read in pieces of any size and mixed with single tokens, in each layout of
the KV cache; the reference reads each text at once, with transformers' own attention.
"""

from random import Random

import pytest

from appliance.engines.base import Scoring, Slice, StepPlan
from tests.engines.driving import GREEDY
from tests.required import require_torch

FAMILIES = [
    "llama",
    "bloom",
    "opt",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("mistral", "qwen2", "qwen3", "gpt_neox")),
]
TEXTS = 5
TOKENS = 60
WORST = 1e-3


@pytest.fixture(params=FAMILIES)
def family(request) -> str:
    require_torch()
    return request.param


@pytest.fixture
def texts() -> list[list[int]]:
    random = Random(5)
    return [[random.randrange(256) for _ in range(TOKENS)] for _ in range(TEXTS)]


def expected(fields, texts):
    """Log-probabilities of all tokens at all places, by transformers alone."""
    from pathlib import Path

    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(
        Path(fields["model_path"]).parent, dtype=torch.float32
    ).eval()
    with torch.inference_mode():
        return model(torch.tensor(texts)).logits.log_softmax(-1)


def mixed_plans(texts, random):
    """Slices that read all texts to their ends: one token, or several, of some of them at a time."""
    read = [0] * len(texts)
    while min(read) < TOKENS:
        slices = []
        for number, text in enumerate(texts):
            start = read[number]
            if start == TOKENS or random.random() < 0.2:
                continue
            end = min(TOKENS, start + (1 if random.random() < 0.6 else random.randrange(2, 9)))
            targets = text[start + 1 : end + 1]
            scoring = Scoring(0, targets, 3) if targets else None
            slices.append(Slice(number, text[start:end], start, sample=False, scoring=scoring))
            read[number] = end
        if slices:
            yield StepPlan(tuple(slices))


@pytest.mark.parametrize("layout", ["split", "unified"])
def test_log_probabilities_are_those_of_transformers(family, layout, texts, tiny_torch, open_any_runner):
    runner = open_any_runner(
        f"torch-{family}" if family != "llama" else "torch", kv_layout=layout, kv_tokens=1024
    )
    assert runner.facts.kv_layout == layout
    for sequence in range(TEXTS):
        runner.prepare(sequence, GREEDY)
    told = {sequence: [] for sequence in range(TEXTS)}

    for plan in mixed_plans(texts, Random(7)):
        for sequence, scored in runner.forward(plan).scored.items():
            told[sequence] += scored

    reference = expected(tiny_torch(family), texts)
    differences = [
        abs(one.logprob - reference[sequence, place, one.token].item())
        for sequence, places in told.items()
        for place, one in enumerate(places)
    ]
    assert len(differences) == TEXTS * (TOKENS - 1)
    assert max(differences) < WORST
    assert all(
        one.top[0][0] == reference[sequence, place].argmax().item()
        for sequence, places in told.items()
        for place, one in enumerate(places)
    )


def test_a_window_hides_what_is_before_it(texts, tiny_torch, open_any_runner):
    fields = tiny_torch("mistral", changes=(("sliding_window", 8),))
    runner = open_any_runner("torch-mistral", **fields)
    runner.prepare(0, GREEDY)
    text = texts[0]
    told = []
    for start in range(0, TOKENS, 20):
        piece = Slice(
            0, text[start : start + 20], start, sample=False, scoring=Scoring(0, text[start + 1 : start + 21])
        )
        told += runner.forward(StepPlan((piece,))).scored[0] if start + 20 < TOKENS else []

    reference = expected(fields, [text])
    unhidden = expected(tiny_torch("mistral"), [text])
    differences = [abs(one.logprob - reference[0, place, one.token].item()) for place, one in enumerate(told)]
    assert max(differences) < WORST
    assert abs(reference[0, 39] - unhidden[0, 39]).max() > 0.1
