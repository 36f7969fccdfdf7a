"""What a request adds to the logits: bias, and penalties for what its answer has already."""

from dataclasses import replace

import pytest

from appliance.engines.base import Slice, StepPlan
from tests.engines.driving import GREEDY, generate, warm

PROMPT = list(b"aaaaaaaaaaaaaaaaaaaa")
BOTH = pytest.mark.parametrize("sampling", [GREEDY, warm(3)], ids=["greedy", "warm"])


def answer(runner, sampling, count=12, prompt=PROMPT) -> list[int]:
    runner.drop(0)
    runner.prepare(0, sampling)
    return generate(runner, 0, prompt, count)


def scores(runner, tokens) -> dict[int, float]:
    """Logits but for a constant, of the place behind ``tokens``."""
    runner.drop(1)
    runner.prepare(1, GREEDY)
    result = runner.forward(StepPlan((Slice(1, tokens, 0, True, runner.facts.vocabulary),)))
    return dict(result.logprobs[1].top)


@BOTH
def test_a_large_bias_decides(open_runner, sampling):
    sampling = replace(sampling, logit_bias=((66, 100.0), (67, -100.0)))

    assert answer(open_runner(batch_tokens=64), sampling) == [66] * 12


@BOTH
def test_a_bias_can_ban(open_runner, sampling):
    runner = open_runner(batch_tokens=64)
    plain = answer(runner, sampling)

    banned = answer(runner, replace(sampling, logit_bias=tuple((token, -100.0) for token in set(plain))))

    assert not set(plain) & set(banned)


@BOTH
def test_a_bias_of_nothing_changes_nothing_at_temperature_0(open_runner, sampling):
    runner = open_runner(batch_tokens=64)
    biased = answer(runner, replace(GREEDY, logit_bias=((66, 0.0),)))

    assert biased == answer(runner, GREEDY)


def test_bias_adds_to_the_logit(open_runner):
    runner = open_runner(batch_tokens=64)
    logits = scores(runner, PROMPT)
    best, second = list(logits)[:2]
    gap = logits[best] - logits[second]

    too_little = answer(runner, replace(GREEDY, logit_bias=((second, gap - 0.01),)), 1)
    enough = answer(runner, replace(GREEDY, logit_bias=((second, gap + 0.01),)), 1)

    assert (too_little, enough) == ([best], [second])


@pytest.mark.parametrize(
    "changes",
    [{"frequency_penalty": 90.0}, {"presence_penalty": 90.0}, {"repeat_penalty": 1e6}],
    ids=["frequency", "presence", "repeat"],
)
@BOTH
def test_a_large_penalty_lets_no_token_come_twice(open_runner, sampling, changes):
    # A bias lifts some tokens, all above 0, so that repeat_penalty, which divides, pushes them down.
    bias = tuple((token, 50.0) for token in range(97, 117))
    plain = answer(open_runner(batch_tokens=64), replace(sampling, logit_bias=((97, 100.0),)))

    tokens = answer(open_runner(batch_tokens=64), replace(sampling, logit_bias=bias, **changes))

    assert plain == [97] * 12
    assert len(set(tokens)) == 12


@pytest.mark.parametrize(
    "changes",
    [{"frequency_penalty": 90.0}, {"presence_penalty": 90.0}, {"repeat_penalty": 1e6}],
    ids=["frequency", "presence", "repeat"],
)
def test_the_prompt_is_never_punished(open_runner, changes):
    runner = open_runner(batch_tokens=64)
    everything = [*range(50), 97]
    bias = ((97, 60.0),)

    assert answer(runner, replace(GREEDY, logit_bias=bias, **changes), 1, everything) == [97]


def test_presence_counts_once_and_frequency_every_time(open_runner):
    # With a head start of 5, presence 1 never stops a token; frequency 1 does after five or six times.
    runner = open_runner(batch_tokens=64)
    banned = [(token, -100.0) for token in range(260) if token not in (97, 98)]
    bias = (*banned, (97, 40.0), (98, 35.0))

    present = answer(runner, replace(GREEDY, logit_bias=bias, presence_penalty=1.0), 20)
    frequent = answer(runner, replace(GREEDY, logit_bias=bias, frequency_penalty=2.0), 20)

    assert present == [97] * 20
    assert {97, 98} == set(frequent)
    assert frequent[0] == 97


def test_a_token_that_was_replaced_is_not_punished(open_runner):
    runner = open_runner(batch_tokens=64)
    sampling = replace(GREEDY, logit_bias=((66, 60.0), (67, 45.0), (68, 50.0)), presence_penalty=20.0)
    runner.prepare(0, sampling)
    first = runner.forward(StepPlan((Slice(0, PROMPT, 0, True),))).sampled

    replaced, _ = runner.resample(0, (1 << 67).to_bytes(38, "little"))
    second = runner.forward(StepPlan((Slice(0, [replaced], len(PROMPT), True),))).sampled
    third = runner.forward(StepPlan((Slice(0, [66], len(PROMPT) + 1, True),))).sampled

    # 66 counts only once it stands in the answer itself.
    assert (first, replaced, second, third) == (((0, 66),), 67, ((0, 66),), ((0, 68),))


def test_one_with_penalties_disturbs_nobody_beside_it(open_runner):
    runner = open_runner(batch_tokens=128, kv_layout="split", kv_tokens=2048)
    samplings = {0: GREEDY, 1: replace(GREEDY, logit_bias=((66, 90.0),)), 2: warm(9), 3: GREEDY}
    alone = {}
    for sequence, sampling in samplings.items():
        runner.prepare(sequence, sampling)
        alone[sequence] = runner.forward(StepPlan((Slice(sequence, PROMPT, 0, True),))).sampled[0][1]
        runner.drop(sequence)
        runner.prepare(sequence, sampling)

    together = runner.forward(StepPlan(tuple(Slice(one, PROMPT, 0, True) for one in (3, 1, 2, 0))))

    assert together.sampled == tuple((one, alone[one]) for one in (3, 1, 2, 0))


def test_a_new_sampler_has_forgotten_what_was_said(open_runner):
    runner = open_runner(batch_tokens=64)
    sampling = replace(GREEDY, logit_bias=((66, 60.0),), presence_penalty=90.0)

    assert answer(runner, sampling, 4) == answer(runner, sampling, 4)


def test_a_plain_sampler_after_one_with_bias_is_plain(open_runner):
    runner = open_runner(batch_tokens=64)
    plain = answer(runner, GREEDY)
    runner.prepare(0, replace(GREEDY, logit_bias=((66, 100.0),)))

    assert answer(runner, GREEDY) == plain
