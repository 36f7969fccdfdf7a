"""Copying sequences and cutting them back, in each layout of the KV cache."""

import pytest

from appliance.engines.base import Slice, StepPlan
from appliance.engines.scheduler import Scheduler
from tests.engines.driving import GREEDY, generate, run, warm, work

PROMPT = list(b"The quick brown fox jumps over the lazy dog, and twice over cats.")
OTHER = list(b"A lazy dog sleeps while foxes of every color jump over cats.")


LAYOUTS = [("fake", "unified")] + [
    (one, kind) for one in ("llama_cpp", "torch") for kind in ("unified", "split")
]


@pytest.fixture(params=LAYOUTS, ids=" ".join)
def open_layout(request, open_any_runner):
    """Opens a runner of each engine and layout, with 8 sequences of a whole context."""
    engine, layout = request.param

    def opening(**changes):
        runner = open_any_runner(
            engine, **{"kv_layout": layout, "kv_tokens": 2048, "context_tokens": 200} | changes
        )
        assert runner.facts.kv_layout == layout
        assert runner.facts.max_sequences == 8
        return runner

    return opening


@pytest.fixture
def runner(open_layout):
    runner = open_layout(batch_tokens=100)
    for sequence in range(8):
        runner.prepare(sequence, GREEDY)
    return runner


def feed(runner, sequence, tokens, position=0):
    runner.forward(StepPlan((Slice(sequence, tokens, position, False),)))


def go_on(runner, sequence, tokens, position):
    """The first token after ``tokens``, and four more."""
    sampled = []
    for _ in range(5):
        result = runner.forward(StepPlan((Slice(sequence, tokens, position, True),)))
        position += len(tokens)
        tokens = [result.sampled[0][1]]
        sampled += tokens
    return sampled


def expected(open_layout, prompt):
    runner = open_layout(batch_tokens=100)
    runner.prepare(0, GREEDY)
    return generate(runner, 0, prompt, 5, chunk=100)


@pytest.mark.parametrize("cut", [0, 1, 30, 55])
def test_what_is_fed_after_a_cut_takes_the_place_of_what_was_there(runner, open_layout, cut):
    feed(runner, 3, PROMPT)

    runner.cut(3, cut)

    assert go_on(runner, 3, OTHER[cut:], cut) == expected(open_layout, PROMPT[:cut] + OTHER[cut:])


@pytest.mark.parametrize("common", [1, 30, 55])
def test_a_fork_of_a_part_goes_on_as_if_it_had_been_fed_that_part(runner, open_layout, common):
    feed(runner, 2, PROMPT)

    runner.fork(2, 5, common)

    assert go_on(runner, 5, OTHER[common:], common) == expected(open_layout, PROMPT[:common] + OTHER[common:])
    assert go_on(runner, 2, OTHER, len(PROMPT)) == expected(open_layout, PROMPT + OTHER)


def test_two_sequences_swap_what_they_hold(runner, open_layout):
    feed(runner, 1, PROMPT)
    feed(runner, 6, OTHER)

    runner.swap(1, 6)

    assert go_on(runner, 1, PROMPT, len(OTHER)) == expected(open_layout, OTHER + PROMPT)
    assert go_on(runner, 6, OTHER, len(PROMPT)) == expected(open_layout, PROMPT + OTHER)


def test_forks_asked_for_one_after_the_other_each_hold_what_their_source_held_then(runner, open_layout):
    feed(runner, 0, PROMPT)
    feed(runner, 1, OTHER)

    runner.fork(0, 2, 40)
    runner.fork(2, 3, 20)
    runner.drop(0)
    runner.fork(1, 0, 30)
    runner.drop(1)
    runner.fork(2, 1, 10)
    for sequence in range(4):
        runner.prepare(sequence, GREEDY)

    assert go_on(runner, 2, OTHER[40:], 40) == expected(open_layout, PROMPT[:40] + OTHER[40:])
    assert go_on(runner, 3, OTHER[20:], 20) == expected(open_layout, PROMPT[:20] + OTHER[20:])
    assert go_on(runner, 0, PROMPT[30:], 30) == expected(open_layout, OTHER[:30] + PROMPT[30:])
    assert go_on(runner, 1, OTHER[10:], 10) == expected(open_layout, PROMPT[:10] + OTHER[10:])


def test_tokens_come_in_the_order_of_the_plan_whatever_the_sequences(runner):
    slices = [Slice(sequence, OTHER[sequence : 20 + sequence], 0, True) for sequence in (6, 1, 3)]
    alone = [runner.forward(StepPlan((one,))).sampled[0] for one in slices]
    for one in slices:
        runner.cut(one.sequence, 0)

    assert runner.forward(StepPlan(tuple(slices))).sampled == tuple(alone)


def test_greedy_and_warm_sequences_share_a_pass(open_layout):
    runner = open_layout(batch_tokens=100)

    def slice_of(sequence):
        return Slice(sequence, PROMPT[sequence:12], 0, True)

    samplings = {4: GREEDY, 0: warm(3), 2: GREEDY, 7: warm(4)}
    alone = {}
    for sequence, sampling in samplings.items():
        runner.prepare(sequence, sampling)
        alone[sequence] = runner.forward(StepPlan((Slice(sequence, PROMPT[sequence:12], 0, True),))).sampled[
            0
        ]
        runner.drop(sequence)
        runner.prepare(sequence, sampling)

    together = runner.forward(StepPlan(tuple(slice_of(sequence) for sequence in samplings)))

    assert together.sampled == tuple(alone[sequence] for sequence in samplings)


def test_a_conversation_with_reuse_has_the_answers_of_one_without(open_layout):
    engine, plain = Scheduler(open_layout()), Scheduler(open_layout())
    history = PROMPT
    for turn in range(3):
        asked, other = [*history, *OTHER[:10]], PROMPT[:40] + [turn + 65] * 20
        reused = run(engine, *[work(n, p, max_tokens=6, owner="ada") for n, p in enumerate((asked, other))])
        fresh = run(plain, *[work(n, p, max_tokens=6) for n, p in enumerate((asked, other))])

        assert reused[1, 0].finished.cached_tokens == 40
        assert reused[0, 0].finished.cached_tokens == (len(history) - 1 if turn else 0)
        assert [reused[n, 0].ids for n in range(2)] == [fresh[n, 0].ids for n in range(2)]
        history = [*asked, *reused[0, 0].ids]
