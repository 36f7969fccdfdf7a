"""The log-probabilities of the demo model's F16 file, where numbers mean something."""

from math import exp
from pathlib import Path

import msgspec
import numpy as np
import pytest

from appliance.engines.base import Scoring, Slice, StepPlan
from appliance.engines.llama_cpp.plugin import plugin
from appliance.engines.logits.logprobs import log_probabilities
from appliance.engines.scheduler import Scheduler
from tests.engines.driving import GREEDY, run, score, work

MODEL = Path(__file__).parents[2] / "recipes/handbook-tiny/handbook-tiny-f16.gguf"
TEXT = (
    "Carrel is one box that serves language models to a research group. A student asks for a key, points any "
    "client at the box, and it answers; what it cost is in the ledger before the answer is acknowledged."
)
CLOSE = 1e-3
NOISE = 1e-2
"""llama.cpp computes a single token in another way than several, and in the unified layout sums over the
cells of others; with 16-bit weights that makes 0.0014 and 0.004.
"""


@pytest.fixture(scope="module")
def sizes():
    from appliance.engines.base import EngineSpec

    return EngineSpec(
        "llama_cpp",
        str(MODEL),
        context_tokens=512,
        kv_tokens=2048,
        max_sequences=4,
        batch_tokens=256,
        threads=2,
    )


@pytest.fixture(scope="module")
def prompt(sizes) -> list[int]:
    return plugin.open_vocabulary(sizes).tokenize(TEXT, parse_special=False)


@pytest.fixture
def opening(sizes):
    opened = []

    def open_runner(**changes):
        opened.append(plugin.open_runner(msgspec.structs.replace(sizes, **changes)))
        for sequence in range(opened[-1].facts.max_sequences):
            opened[-1].prepare(sequence, GREEDY)
        return opened[-1]

    yield open_runner
    for runner in opened:
        runner.close()


def difference(some, others) -> float:
    return float(np.abs(np.subtract(some, others)).max())


def token_by_token(runner, prompt) -> list[float]:
    """Each from the whole distribution behind the tokens before it, and that sums to 1."""
    told = []
    for position, token in enumerate(prompt[:-1]):
        result = runner.forward(
            StepPlan((Slice(0, [token], position, True, runner.facts.vocabulary),)),
        )
        top = dict(result.logprobs[0].top)
        assert sum(exp(logprob) for logprob in top.values()) == pytest.approx(1, abs=1e-6)
        told.append(top[prompt[position + 1]])
    return told


@pytest.mark.parametrize("layout", ["unified", "split"])
def test_scores_are_those_of_feeding_token_by_token(opening, prompt, layout):
    runner = opening(kv_layout=layout)
    expected = token_by_token(runner, prompt)

    scored = [one.logprob for one in score(runner, 1, prompt)]

    assert difference(scored, expected) <= NOISE


@pytest.mark.parametrize("layout", ["unified", "split"])
@pytest.mark.parametrize("chunk", [16, 5])
def test_scores_in_slices_are_those_of_one_pass(opening, prompt, layout, chunk):
    runner = opening(kv_layout=layout)
    expected = [one.logprob for one in score(runner, 0, prompt)]

    scored = [one.logprob for one in score(runner, 1, prompt, chunk=chunk)]

    assert difference(scored, expected) <= CLOSE


@pytest.mark.parametrize(("layout", "most"), [("unified", NOISE), ("split", CLOSE)])
def test_scores_beside_others_are_those_alone(opening, prompt, layout, most):
    runner = opening(kv_layout=layout)
    alone = [one.logprob for one in score(runner, 0, prompt)]
    for sequence in range(4):
        runner.drop(sequence)
        runner.prepare(sequence, GREEDY)
    backwards = prompt[::-1]

    result = runner.forward(
        StepPlan(
            (
                Slice(3, backwards[:30], 0, True),
                Slice(1, prompt, 0, False, None, Scoring(0, prompt[1:], 5)),
                Slice(2, backwards, 0, False, None, Scoring(0, backwards[1:])),
                Slice(0, prompt[:7], 0, True, 5),
            )
        )
    )

    assert difference([one.logprob for one in result.scored[1]], alone) <= most


def test_an_engine_tells_what_its_runner_scores(opening, prompt):
    runner = opening()
    expected = [one.logprob for one in score(runner, 0, prompt)]
    runner.drop(0)
    crowd = [work(n, prompt[n:], max_tokens=20, owner="others") for n in (2, 3, 4)]

    answers = run(
        Scheduler(opening(batch_tokens=32)), *crowd, work(1, prompt, max_tokens=0, prompt_logprobs=0, n=1)
    )

    told = [one.logprob for one in answers.scored[1][1:]]
    assert difference(told, expected) <= CLOSE


@pytest.mark.parametrize("top", [0, 1, 7, 200])
@pytest.mark.parametrize("vocabulary", [301, 5000])
def test_log_probabilities_are_a_log_softmax(vocabulary, top):
    logits = np.random.default_rng(5).normal(0, 8, (400, vocabulary)).astype(np.float32)
    rows = list(range(399, 0, -3))
    targets = [row % vocabulary for row in rows]
    exact = logits.astype(np.float64)
    exact -= np.log(np.exp(exact).sum(axis=1, keepdims=True))

    told = log_probabilities(logits, rows, targets, top)

    assert [one.token for one in told] == targets
    assert np.allclose([one.logprob for one in told], exact[rows, targets], rtol=0, atol=1e-6)
    order = np.argsort(-logits[rows], axis=1, kind="stable")[:, :top]
    assert [[token for token, _ in one.top] for one in told] == order.tolist()
    best = np.take_along_axis(exact[rows], order, axis=1)
    assert np.allclose([[logprob for _, logprob in one.top] for one in told], best, rtol=0, atol=1e-6)


def test_of_equal_logits_the_lowest_numbers_are_told():
    (told,) = log_probabilities(np.zeros((1, 1000), np.float32), [0], [7], 3)

    assert [token for token, _ in told.top] == [0, 1, 2]


def test_very_unlike_logits_are_no_trouble():
    (told,) = log_probabilities(np.array([[1e4, -1e4, 0.0]], np.float32), [0], [1], 3)

    assert told.logprob == -2e4
    assert told.top == ((0, 0.0), (2, -1e4), (1, -2e4))
