"""What every Runner does, fake or real."""

import pytest

from appliance.engines.base import KvExhausted, Slice, StepPlan
from appliance.engines.plugins import find_plugin
from tests.engines.driving import GREEDY, generate, warm

PROMPT = list(b"The quick brown fox jumps over the lazy dog.")


def test_facts_are_those_of_the_spec(open_runner, spec):
    facts = open_runner().facts

    assert facts.context_tokens == spec.context_tokens
    assert facts.kv_tokens == spec.kv_tokens
    assert facts.max_sequences == spec.max_sequences
    assert facts.batch_tokens == spec.batch_tokens


def test_engine_build_can_stand_in_a_fingerprint(open_runner):
    assert set(open_runner().facts.engine_build) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-"
    )


def test_sampled_tokens_are_in_the_vocabulary(open_runner):
    runner = open_runner()
    runner.prepare(0, warm())

    tokens = generate(runner, 0, PROMPT, 20, chunk=32)

    assert all(0 <= token < runner.facts.vocabulary for token in tokens)


@pytest.mark.parametrize("sampling", [GREEDY, warm(7)], ids=["greedy", "warm"])
def test_a_reopened_sequence_gives_the_same_tokens(open_runner, sampling):
    runner = open_runner()
    runner.prepare(3, sampling)
    first = generate(runner, 3, PROMPT, 12, chunk=32)
    runner.drop(3)

    runner.prepare(3, sampling)

    assert generate(runner, 3, PROMPT, 12, chunk=32) == first


def test_another_seed_gives_other_tokens(open_runner):
    runner = open_runner()
    runner.prepare(0, warm(1))
    runner.prepare(1, warm(2))

    assert generate(runner, 0, PROMPT, 12, chunk=32) != generate(runner, 1, PROMPT, 12, chunk=32)


@pytest.mark.parametrize("chunk", [1, 5, 31])
def test_a_prompt_in_chunks_gives_the_tokens_of_the_whole(open_runner, chunk):
    runner = open_runner(batch_tokens=64)
    runner.prepare(0, GREEDY)
    runner.prepare(1, GREEDY)

    assert generate(runner, 0, PROMPT, 12, chunk=chunk) == generate(runner, 1, PROMPT, 12)


def test_sequences_share_one_forward_pass(open_runner):
    runner = open_runner()
    runner.prepare(0, GREEDY)
    runner.prepare(1, GREEDY)
    alone = [
        runner.forward(StepPlan((Slice(0, PROMPT[:10], 0, True),))).sampled[0][1],
        runner.forward(StepPlan((Slice(1, PROMPT[10:25], 0, True),))).sampled[0][1],
    ]
    runner.drop(0)
    runner.drop(1)
    runner.prepare(5, GREEDY)
    runner.prepare(2, GREEDY)

    together = runner.forward(StepPlan((Slice(5, PROMPT[:10], 0, True), Slice(2, PROMPT[10:25], 0, True))))

    assert together.sampled == ((5, alone[0]), (2, alone[1]))


def test_only_slices_that_ask_are_sampled(open_runner):
    runner = open_runner()
    for sequence in range(3):
        runner.prepare(sequence, GREEDY)

    result = runner.forward(
        StepPlan(
            (
                Slice(0, PROMPT[:4], 0, False),
                Slice(1, PROMPT[:4], 0, True),
                Slice(2, PROMPT[:4], 0, False),
            )
        )
    )

    assert [sequence for sequence, _ in result.sampled] == [1]


def test_a_fork_goes_on_as_its_source_does(open_runner):
    runner = open_runner()
    runner.prepare(0, GREEDY)
    runner.forward(StepPlan((Slice(0, PROMPT[:-14], 0, False),)))

    runner.prepare(1, GREEDY)
    runner.fork(0, 1, len(PROMPT) - 14)

    both = runner.forward(
        StepPlan(tuple(Slice(sequence, PROMPT[-14:], len(PROMPT) - 14, True) for sequence in (0, 1)))
    )
    assert both.sampled[0][1] == both.sampled[1][1]


def test_a_fork_outlives_its_source(open_runner):
    runner = open_runner(batch_tokens=64)
    runner.prepare(0, GREEDY)
    expected = generate(runner, 0, PROMPT, 2)[1]
    runner.drop(0)
    runner.prepare(0, GREEDY)
    first = runner.forward(StepPlan((Slice(0, PROMPT, 0, True),))).sampled[0][1]
    runner.prepare(1, GREEDY)
    runner.fork(0, 1, len(PROMPT))

    runner.drop(0)

    assert runner.forward(StepPlan((Slice(1, [first], len(PROMPT), True),))).sampled == ((1, expected),)


def test_dropping_an_unopened_sequence_is_fine(open_runner):
    open_runner().drop(4)


def test_exhausted_kv_changes_nothing(open_runner):
    # llama.cpp rounds its cache up to 256 cells, so both have 256 here.
    runner = open_runner(kv_tokens=256, context_tokens=250, batch_tokens=200)
    runner.prepare(0, GREEDY)
    runner.prepare(1, GREEDY)
    runner.forward(StepPlan((Slice(0, [65] * 100, 0, False),)))
    expected = runner.forward(StepPlan((Slice(0, [66], 100, True),))).sampled

    with pytest.raises(KvExhausted):
        runner.forward(StepPlan((Slice(1, [67] * 200, 0, True),)))

    runner.drop(1)
    runner.drop(0)
    runner.prepare(0, GREEDY)
    runner.forward(StepPlan((Slice(0, [65] * 100, 0, False),)))
    assert runner.forward(StepPlan((Slice(0, [66], 100, True),))).sampled == expected


def test_a_dropped_sequence_leaves_its_cells_to_others(open_runner):
    runner = open_runner(kv_tokens=256, context_tokens=250, batch_tokens=200)
    runner.prepare(0, GREEDY)
    runner.forward(StepPlan((Slice(0, [65] * 200, 0, False),)))
    runner.drop(0)
    runner.prepare(1, GREEDY)

    assert len(runner.forward(StepPlan((Slice(1, [67] * 200, 0, True),))).sampled) == 1


def test_forks_share_their_prompt_cells(open_runner):
    runner = open_runner(kv_tokens=256, context_tokens=250, batch_tokens=200)
    runner.prepare(0, GREEDY)
    runner.forward(StepPlan((Slice(0, [65] * 200, 0, False),)))

    for target in range(1, 8):
        runner.prepare(target, GREEDY)
        runner.fork(0, target, 200)

    plan = StepPlan(tuple(Slice(sequence, [66], 200, True) for sequence in range(8)))
    assert len(runner.forward(plan).sampled) == 8


def test_pieces_of_bytes_are_bytes_and_of_end_tokens_are_empty(open_runner):
    runner = open_runner()

    assert [runner.piece(byte) for byte in (65, 195, 0)] == [b"A", b"\xc3", b"\x00"]
    assert runner.end_tokens
    assert {runner.piece(token) for token in runner.end_tokens} == {b""}


def test_the_progress_of_a_load_goes_up_to_the_whole(engine_name, spec_of):
    told = []
    spec = spec_of(engine_name)

    find_plugin(spec.engine).open_runner(spec, told.append).close()

    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] == 1


@pytest.mark.parametrize("split", ["none", "layer", "row"])
def test_how_weights_lie_on_gpus_can_be_asked_for_where_there_are_none(open_runner, split):
    runner = open_runner(split=split)
    runner.prepare(0, GREEDY)

    assert len(generate(runner, 0, PROMPT[:20], 3)) == 3
