"""Who is served when: budgets, mixing, fairness in the lines."""

from collections import Counter

import pytest

from appliance.engines.base import Free, RunnerBroken, Tokens
from appliance.engines.scheduler import Scheduler
from appliance.errors import DoesNotFit
from tests.engines.driving import Answers, WatchedRunner, run, work


@pytest.fixture
def watched(open_any_runner):
    return lambda **changes: WatchedRunner(open_any_runner("fake", **changes))


def test_no_pass_is_over_the_batch_budget(watched):
    runner = watched(batch_tokens=8)

    run(Scheduler(runner), *[work(number, "p" * 10 * number, max_tokens=12) for number in range(1, 6)])

    assert max(sum(fed.values()) for fed in runner.tokens_fed()) == 8


def test_a_pass_mixes_decoding_with_a_slice_of_a_prompt(watched):
    runner = watched(batch_tokens=8)
    engine = Scheduler(runner)
    engine.submit(work(1, "abc", max_tokens=10))
    engine.step()

    engine.submit(work(2, "p" * 20, max_tokens=10))
    engine.step()

    assert sorted(runner.tokens_fed()[-1].values()) == [1, 7]


def test_a_stream_gets_a_token_every_step_while_a_long_prompt_is_read(watched):
    engine = Scheduler(watched(batch_tokens=8))
    engine.submit(work(1, "abc", max_tokens=20))
    engine.step()
    engine.submit(work(2, "p" * 100, max_tokens=5))

    for _ in range(10):
        assert [event.id for event in engine.step().events if isinstance(event, Tokens)] == [1]


def test_short_prompts_do_not_wait_for_a_long_one(watched):
    engine = Scheduler(watched(batch_tokens=16))
    engine.submit(work(1, "p" * 120, max_tokens=2))
    engine.submit(work(2, "short", max_tokens=2))

    assert [event.id for event in engine.step().events] == [2]


def test_long_prompts_take_turns(watched):
    runner = watched(batch_tokens=16)
    engine = Scheduler(runner)
    for number in range(1, 5):
        engine.submit(work(number, "p" * 100, max_tokens=2))

    for _ in range(8):
        engine.step()

    fed = Counter()
    for passed in runner.tokens_fed():
        fed.update(passed)
    assert len(fed) == 4
    assert max(fed.values()) - min(fed.values()) <= 16


def test_more_decoding_sequences_than_a_pass_holds_take_turns(watched):
    engine = Scheduler(watched(batch_tokens=8, max_sequences=16, kv_tokens=2048))
    for number in range(1, 13):
        engine.submit(work(number, "ab", max_tokens=40))
    for _ in range(10):
        engine.step()

    answers = Answers(event for _ in range(12) for event in engine.step().events)

    assert [len(answer.ids) for answer in answers.values()] == [8] * 12


def test_a_prompt_is_read_even_when_decoding_fills_every_pass(watched):
    engine = Scheduler(watched(batch_tokens=8, max_sequences=16, kv_tokens=4096))
    for number in range(1, 11):
        engine.submit(work(number, "a", max_tokens=100))
    for _ in range(10):
        engine.step()
    engine.submit(work(99, "p" * 10, max_tokens=1))

    steps = 0
    while engine.free.sequences < 6:
        engine.step()
        steps += 1

    assert steps <= 6


def test_a_group_reads_its_prompt_once(watched):
    runner = watched()

    run(Scheduler(runner), work(1, "p" * 60, max_tokens=2, n=4))

    assert sum(sum(fed.values()) for fed in runner.tokens_fed()) == 59 + 4 + 4


def test_the_last_sampled_token_is_not_fed(watched):
    runner = watched()

    run(Scheduler(runner), work(1, "abc", max_tokens=5))

    assert sum(sum(fed.values()) for fed in runner.tokens_fed()) == 3 + 4


def test_exhausted_kv_fails_the_newest_work_and_the_rest_goes_on(open_fake):
    engine = open_fake(options={"real_kv_tokens": "60"})

    answers = run(engine, work(1, "a" * 20, max_tokens=20), work(2, "b" * 20, max_tokens=30))

    assert answers.failed[2].code == DoesNotFit.code
    assert answers.failed[2].completion_tokens == len(answers[2, 0].ids)
    assert len(answers[1, 0].ids) == 20
    assert engine.free == Free(512, 8)


def test_a_broken_runner_is_told_to_the_caller(open_fake):
    engine = open_fake(options={"fail_after_tokens": "3"})

    with pytest.raises(RunnerBroken):
        run(engine, work(1, max_tokens=10))


def test_eight_streams_at_once_take_hardly_more_passes_than_one(watched):
    runner = watched()
    engine = Scheduler(runner)
    works = [work(number, "abcd", max_tokens=10) for number in range(8)]

    apart = [run(engine, one)[one.id, 0].text for one in works]
    passes_apart = len(runner.tokens_fed())
    answers = run(engine, *works)
    passes_together = len(runner.tokens_fed()) - passes_apart

    assert [answers[number, 0].text for number in range(8)] == apart
    assert passes_together <= passes_apart / 8 + 1
