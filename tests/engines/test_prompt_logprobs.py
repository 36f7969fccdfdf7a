"""Log-probabilities of prompts and answers as an engine tells them."""

import msgspec
import pytest

from appliance.domain.generation import FinishReason
from appliance.engines.base import Embed, Finished, Free, PromptLogprobs, StepReport
from appliance.engines.scheduler import Scheduler
from appliance.engines.scheduler.scoring import PASS_LOGITS, PASS_TOKENS, PromptScoring
from appliance.errors import BadRequest
from appliance.workers.frames import MAX_FRAME_BYTES
from tests.engines.driving import GREEDY, Answers, WatchedRunner, run, score, warm, work

TEXT = "It was the best of times, it was the worst of times, it was the age of wisdom"
PROMPT = list(TEXT.encode())
NOISE = 5e-3


def reading(number=1, prompt=TEXT, *, top=0, score_from=0, **more):
    return work(number, prompt, max_tokens=0, prompt_logprobs=top, score_from=score_from, **more)


def numbers(told):
    return [one.logprob for one in told]


def fed(runner: WatchedRunner) -> int:
    return sum(sum(tokens.values()) for tokens in runner.tokens_fed())


@pytest.fixture
def expected(open_runner) -> list[float]:
    """Of ``PROMPT``, from its second token on."""
    runner = open_runner(batch_tokens=128)
    runner.prepare(0, GREEDY)
    return numbers(score(runner, 0, PROMPT))


@pytest.mark.parametrize("batch_tokens", [8, 32, 128])
def test_every_token_of_a_prompt_is_told_in_order(open_engine, expected, batch_tokens):
    answers = run(open_engine(batch_tokens=batch_tokens), reading())

    told = answers.scored[1]
    assert answers.first_scored[1] == 0
    assert [one.token for one in told] == PROMPT
    assert b"".join(one.piece for one in told) == TEXT.encode()
    assert told[0].logprob is None
    assert numbers(told[1:]) == pytest.approx(expected, abs=NOISE)


def test_a_prompt_is_told_as_it_is_read(open_engine):
    engine = open_engine(batch_tokens=16)
    engine.submit(reading())

    parts = [[event.position for event in engine.step().events] for _ in range(3)]

    assert parts == [[0, 1], [17], [33]]


def test_reading_alone_ends_as_by_length_with_exact_counts(open_engine):
    engine = open_engine()

    answer = run(engine, reading())[1, 0]

    assert answer.ids == []
    assert answer.finished.reason is FinishReason.LENGTH
    assert (answer.finished.prompt_tokens, answer.finished.completion_tokens) == (len(PROMPT), 0)
    assert answer.finished.compute_ms > 0
    assert engine.idle
    assert engine.free == Free(512, 8)


def test_reading_reserves_the_prompt_while_it_is_read(open_engine):
    engine = open_engine(batch_tokens=16)
    engine.submit(reading())

    assert engine.step().free == Free(512 - len(PROMPT), 7)


def test_a_prompt_may_be_read_for_nothing_but_the_cache(open_engine):
    engine = open_engine()
    first = run(engine, work(1, TEXT, max_tokens=0, owner="ada"))

    again = run(engine, work(2, TEXT + "!", max_tokens=2, owner="ada"))

    assert first.scored == {}
    assert first[1, 0].finished.completion_tokens == 0
    assert again[2, 0].finished.cached_tokens == len(PROMPT)


@pytest.mark.parametrize("prompt", [[65], [65, 66]])
@pytest.mark.parametrize("more", [{"max_tokens": 0}, {"max_tokens": 2}, {"max_tokens": 2, "n": 2}])
def test_the_shortest_prompts_are_told_too(open_engine, prompt, more):
    answers = run(open_engine(), work(1, prompt, prompt_logprobs=1, **more))

    assert [one.token for one in answers.scored[1]] == prompt
    assert answers.scored[1][0].logprob is None
    assert all(one.logprob < 0 and len(one.top) == 1 for one in answers.scored[1][1:])
    assert all(answer.finished for answer in answers.values())


@pytest.mark.parametrize("score_from", [1, 2, 40, len(TEXT) - 1, len(TEXT), 1000])
def test_scores_begin_where_asked(open_engine, expected, score_from):
    answers = run(open_engine(batch_tokens=16), reading(score_from=score_from))

    assert numbers(answers.scored.get(1, [])) == pytest.approx(expected[score_from - 1 :], abs=NOISE)
    assert answers.first_scored.get(1, score_from) == score_from
    assert answers[1, 0].finished.reason is FinishReason.LENGTH


@pytest.mark.parametrize("n", [1, 3])
def test_an_answer_after_a_scored_prompt_is_the_same(open_engine, expected, n):
    plain = run(open_engine(), work(1, TEXT, max_tokens=6, n=n, sampling=warm(3)))

    answers = run(open_engine(), work(1, TEXT, max_tokens=6, n=n, sampling=warm(3), prompt_logprobs=2))

    assert {choice: answer.ids for choice, answer in answers.items()} == {
        choice: answer.ids for choice, answer in plain.items()
    }
    assert numbers(answers.scored[1][1:]) == pytest.approx(expected, abs=NOISE)
    assert {len(one.top) for one in answers.scored[1][1:]} == {2}


def test_each_token_of_an_answer_is_told_with_its_log_probability(open_engine, open_runner):
    answers = run(
        open_engine(),
        work(1, TEXT, max_tokens=9, n=2, sampling=warm(3), logprobs=3),
        work(2, TEXT, max_tokens=9),
        work(3, TEXT, max_tokens=9, logprobs=0),
    )

    for choice in (0, 1):
        answer = answers[1, choice]
        assert [one.token for one in answer.told] == answer.ids
        assert {len(one.top) for one in answer.told} == {3}
    assert answers[2, 0].told == []
    assert [one.token for one in answers[3, 0].told] == answers[3, 0].ids == answers[2, 0].ids
    assert answers[3, 0].told[0].top == ()
    runner = open_runner(batch_tokens=128)
    runner.prepare(0, GREEDY)
    whole = numbers(score(runner, 0, PROMPT + answers[1, 1].ids))
    assert numbers(answers[1, 1].told) == pytest.approx(whole[-len(answers[1, 1].ids) :], abs=NOISE)


def test_tokens_and_log_probabilities_stay_together_where_text_is_held_back(open_fake):
    engine = open_fake(options={"answer": "One. Two. STOP Three."})

    answer = run(engine, work(max_tokens=50, stop=[" STOP"], logprobs=1))[1, 0]

    assert answer.text == "One. Two."
    assert [one.token for one in answer.told] == answer.ids == list(b"One. Two. STOP")
    assert [one.piece for one in answer.told] == [bytes([byte]) for byte in b"One. Two. STOP"]


def test_an_end_token_is_told_by_its_name(open_fake):
    answer = run(open_fake(options={"answer": "Hi."}), work(max_tokens=9, logprobs=1))[1, 0]

    assert answer.told[-1].piece == answer.told[-1].top[0].piece == b"<|im_end|>"


@pytest.mark.parametrize(("score_from", "cached"), [(0, 0), (1, 0), (17, 16), (41, 40), (77, 76), (99, 76)])
def test_what_is_scored_is_never_taken_out_of_the_cache(open_engine, expected, score_from, cached):
    engine = open_engine()
    run(engine, work(1, TEXT, owner="ada"))

    answers = run(engine, reading(2, score_from=score_from, owner="ada"))

    assert answers[2, 0].finished.cached_tokens == cached
    first = max(score_from, 1)
    told = answers.scored.get(2, [])[score_from == 0 :]
    assert numbers(told) == pytest.approx(expected[first - 1 :], abs=NOISE)


def test_a_scored_prompt_stays_for_the_next_request(open_engine):
    engine = open_engine()
    run(engine, reading(1, owner="ada"))

    answers = run(engine, work(2, TEXT, owner="ada"), work(3, TEXT, owner="bob"))

    assert answers[2, 0].finished.cached_tokens == len(PROMPT) - 1
    assert answers[3, 0].finished.cached_tokens == 0


def test_what_is_before_the_scored_part_is_read_once_for_all(open_any_runner, expected):
    runner = WatchedRunner(open_any_runner("fake"))
    context = TEXT[:60]
    asked = [reading(n, f"{context} answer {n}", score_from=60, owner="ada") for n in range(1, 5)]

    answers = run(Scheduler(runner), *asked)

    assert sum(answers[n, 0].finished.cached_tokens for n in range(1, 5)) == 3 * 59
    assert fed(runner) == 59 + 4 * (1 + len(" answer 1"))
    assert {len(answers.scored[n]) for n in range(1, 5)} == {len(" answer 1")}


def test_work_for_nothing_with_several_choices_is_refused(open_engine):
    answers = run(open_engine(), work(1, max_tokens=0, n=2), work(2))

    assert answers.failed[1].code == BadRequest.code
    assert set(answers) == {(2, 0)}


def test_texts_are_not_made_into_vectors(open_engine):
    engine = open_engine()
    engine.submit(Embed(4, ((65, 66),)))

    (failed,) = engine.step().events

    assert (failed.id, failed.code) == (4, BadRequest.code)
    assert engine.free == Free(512, 8)


def test_reading_can_be_cancelled_half_way(open_engine):
    engine = open_engine(batch_tokens=16)
    engine.submit(reading(owner="ada"))
    engine.step()
    engine.cancel(1)

    (ended,) = engine.step().events

    assert (ended.reason, ended.completion_tokens) == (FinishReason.CANCELLED, 0)
    assert engine.free == Free(512, 8)
    assert engine.idle


@pytest.mark.parametrize("deterministic", [False, True])
def test_many_scored_prompts_beside_answers_are_all_told(open_engine, deterministic):
    engine = open_engine(deterministic=deterministic, kv_tokens=8 * 256)
    asked = [reading(n, TEXT[n:], top=n) for n in range(1, 5)]

    answers = run(engine, work(9, max_tokens=30), *asked, work(8, TEXT, max_tokens=4, prompt_logprobs=0))

    for number in range(1, 5):
        assert [one.token for one in answers.scored[number]] == PROMPT[number:]
    assert len(answers.scored[8]) == len(PROMPT)
    assert len(answers[9, 0].ids) == 30


class LargeVocabulary(WatchedRunner):
    """With rows of logits so long that a pass may score 26 of them, 13 of one prompt."""

    @property
    def facts(self):
        return msgspec.structs.replace(self._runner.facts, vocabulary=PASS_LOGITS // 26)


def test_a_pass_scores_no_more_than_it_may(open_any_runner):
    runner = LargeVocabulary(open_any_runner("fake", batch_tokens=128))

    answers = run(
        Scheduler(runner),
        *[reading(n, TEXT[n:]) for n in (1, 2, 3)],
        reading(4, TEXT[::-1], score_from=60),
        work(5, TEXT, max_tokens=3),
    )

    rows = [[len(piece.scoring.targets) for piece in plan.slices if piece.scoring] for plan in runner.plans]
    assert max(sum(one) for one in rows) <= 26
    assert max(max(one, default=0) for one in rows) == 13
    for number, length in ((1, 76), (2, 75), (3, 74), (4, 17)):
        assert len(answers.scored[number]) == length
    # What is in front of the scored part is not slowed down.
    begun = [piece for plan in runner.plans for piece in plan.slices if piece.tokens[0] == PROMPT[-1]]
    assert max(len(piece.tokens) for piece in begun) > 13


@pytest.mark.parametrize(("vocabulary", "top"), [(152_000, 0), (260, 64), (152_000, 20)])
def test_what_a_pass_may_score_fits_into_memory_and_a_frame(vocabulary, top):
    prompt = tuple(range(100_000))
    scoring = PromptScoring(prompt, 0, top, vocabulary)

    most = scoring.at_most(0, len(prompt))

    assert scoring.cost(0, most) <= 0.5
    assert 2 * most * vocabulary <= PASS_LOGITS
    assert 2 * most * (top + 1) <= PASS_TOKENS
    assert len(scoring.within(0, most).targets) == most


def test_the_largest_frame_of_scores_is_within_bounds():
    from appliance.engines.base import ToldToken, TopToken

    token = ToldToken(151_000, b" " * 128, -12.25, (TopToken(151_000, b" " * 128, -12.25),) * 64)
    told = PromptLogprobs(2**60, 2**20, (token,) * (PASS_TOKENS // 65))

    frame = msgspec.msgpack.encode(StepReport((told,), Free(0, 0)))

    assert len(frame) < MAX_FRAME_BYTES


def test_a_finish_comes_after_all_that_was_scored(open_engine):
    engine = open_engine()
    engine.submit(reading(prompt=TEXT[:20]))

    events = engine.step().events

    assert [type(event) for event in events] == [PromptLogprobs, PromptLogprobs, Finished]
    assert len(Answers(events).scored[1]) == 20


def test_kv_that_runs_out_tells_nothing_twice(open_fake):
    # The first prompt fills the cells that there really are; the second comes once it is evicted.
    engine = open_fake(options={"real_kv_tokens": "90"})
    run(engine, work(1, TEXT, max_tokens=2, owner="ada"))

    answers = run(engine, reading(2, TEXT[::-1], owner="ada"))

    assert [one.token for one in answers.scored[2]] == PROMPT[::-1]
