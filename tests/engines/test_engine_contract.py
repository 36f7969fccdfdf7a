"""What the scheduler makes of any Runner, fake or real."""

import pytest

from appliance.domain.generation import FinishReason
from appliance.engines.base import Free
from tests.engines.driving import GREEDY, Answers, generate, run, warm, work

LONG = "It was the best of times, it was the worst of times, it was the age of wisdom, it was "


def test_an_answer_is_exactly_as_long_as_asked(open_engine):
    answers = run(open_engine(), *[work(size, max_tokens=size) for size in (1, 2, 7)])

    assert {number: len(answer.ids) for (number, _), answer in answers.items()} == {1: 1, 2: 2, 7: 7}
    assert {answer.finished.reason for answer in answers.values()} == {FinishReason.LENGTH}


def test_greedy_answers_are_those_of_the_runner_alone(open_engine, open_runner):
    runner = open_runner(batch_tokens=128)
    runner.prepare(0, GREEDY)
    expected = generate(runner, 0, list(LONG.encode()), 12)

    assert run(open_engine(), work(prompt=LONG, max_tokens=12))[1, 0].ids == expected


@pytest.mark.parametrize("sampling", [GREEDY, warm(5)], ids=["greedy", "warm"])
def test_the_same_request_gives_the_same_tokens_again(open_engine, sampling):
    engine = open_engine()

    first = run(engine, work(1, max_tokens=20, sampling=sampling))
    second = run(engine, work(2, max_tokens=20, sampling=sampling))

    assert first[1, 0].ids == second[2, 0].ids
    assert first[1, 0].text == second[2, 0].text


def test_the_text_is_that_of_the_tokens(open_engine, open_runner):
    runner = open_runner()

    answer = run(open_engine(), work(max_tokens=30, sampling=warm()))[1, 0]

    assert answer.text == b"".join(runner.piece(token) for token in answer.ids).decode(errors="replace")


def test_choices_of_a_greedy_group_are_alike_and_as_one_alone(open_engine):
    alone = run(open_engine(), work(prompt=LONG, max_tokens=6))[1, 0].ids

    answers = run(open_engine(), work(prompt=LONG, max_tokens=6, n=4))

    assert [answers[1, choice].ids for choice in range(4)] == [alone] * 4


def test_choices_of_a_warm_group_differ_and_the_first_is_as_one_alone(open_engine):
    alone = run(open_engine(), work(max_tokens=16, sampling=warm(3)))[1, 0].ids

    answers = run(open_engine(), work(max_tokens=16, sampling=warm(3), n=3))

    assert answers[1, 0].ids == alone
    assert len({tuple(answer.ids) for answer in answers.values()}) == 3


def test_a_group_may_start_from_a_single_token(open_engine):
    answers = run(open_engine(), work(prompt="x", max_tokens=3, n=2))

    assert answers[1, 0].ids == answers[1, 1].ids
    assert len(answers[1, 0].ids) == 3


def test_a_group_counts_its_prompt_in_every_choice(open_engine):
    answers = run(open_engine(), work(prompt=LONG, max_tokens=2, n=2))

    assert [answer.finished.prompt_tokens for answer in answers.values()] == [len(LONG)] * 2
    assert [answer.finished.cached_tokens for answer in answers.values()] == [0, 0]


def test_the_time_of_a_pass_is_shared_by_tokens(open_engine):
    answers = run(open_engine(), work(1, "a" * 30, max_tokens=1), work(2, "x", max_tokens=1))

    assert answers[1, 0].finished.compute_ms == pytest.approx(30 * answers[2, 0].finished.compute_ms)


def test_every_choice_of_a_group_has_compute_time_and_the_first_that_of_the_prompt(open_engine):
    answers = run(open_engine(), work(prompt=LONG, max_tokens=4, n=2))

    assert answers[1, 0].finished.compute_ms > answers[1, 1].finished.compute_ms > 0


def test_free_is_what_is_not_reserved(open_engine):
    engine = open_engine()
    engine.submit(work(1, "abcd", max_tokens=10, n=3))

    assert engine.free == Free(512 - 34, 8 - 3)
    assert not engine.idle


def test_everything_is_free_again_at_the_end(open_engine):
    engine = open_engine()

    run(engine, work(1, LONG, max_tokens=9, n=3), work(2, max_tokens=1), work(3, stop=["e", "a"]))

    assert engine.free == Free(512, 8)
    assert engine.idle


def test_the_whole_cache_can_be_reserved_and_used(open_engine):
    engine = open_engine(kv_tokens=256)
    half = [work(number, [65] * 100, max_tokens=28) for number in (1, 2)]

    answers = run(engine, *half)

    assert [len(answer.ids) for answer in answers.values()] == [28, 28]


def test_cancelled_work_ends_at_the_next_step_and_frees_its_cache_at_once(open_engine):
    engine = open_engine()
    engine.submit(work(1, max_tokens=100))
    engine.submit(work(2, max_tokens=100))
    answers = Answers()
    for _ in range(4):
        for event in engine.step().events:
            answers.add(event)

    engine.cancel(1)
    report = engine.step()
    for event in report.events:
        answers.add(event)

    assert answers[1, 0].finished.reason is FinishReason.CANCELLED
    assert answers[1, 0].finished.completion_tokens == len(answers[1, 0].ids) == 4
    assert len(answers[2, 0].ids) == 5
    assert report.free == Free(512 - 116, 7)
    assert [event.id for event in engine.step().events] == [2]


def test_a_group_can_be_cancelled_while_its_prompt_is_read(open_engine):
    engine = open_engine(batch_tokens=8)
    engine.submit(work(1, LONG, max_tokens=10, n=3))
    engine.step()

    engine.cancel(1)
    report = engine.step()

    assert [(event.choice, event.reason) for event in report.events] == [
        (choice, FinishReason.CANCELLED) for choice in range(3)
    ]
    assert report.free == Free(512, 8)
    assert engine.idle


def test_work_can_be_cancelled_before_its_first_step(open_engine):
    engine = open_engine()
    engine.submit(work(1))

    engine.cancel(1)

    (event,) = engine.step().events
    assert (event.reason, event.completion_tokens) == (FinishReason.CANCELLED, 0)


def test_cancelling_unknown_work_does_nothing(open_engine):
    engine = open_engine()

    engine.cancel(77)

    assert engine.step().events == ()


def test_a_choice_that_ends_early_frees_its_share(open_engine):
    engine = open_engine()
    engine.submit(work(1, "abcd", max_tokens=30))
    engine.submit(work(2, "abcd", max_tokens=1))

    engine.step()

    assert engine.free == Free(512 - 34, 7)


def test_sequences_are_used_again(open_engine):
    engine = open_engine(max_sequences=1)

    texts = [run(engine, work(number, max_tokens=5))[number, 0].text for number in range(1, 5)]

    assert len(set(texts)) == 1
