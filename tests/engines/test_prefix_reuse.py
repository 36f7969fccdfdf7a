"""What a request goes on from instead of computing it again, and whose."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.domain.generation import FinishReason
from appliance.engines.base import Finished, Free
from appliance.engines.scheduler import Scheduler
from tests.engines.driving import Answers, WatchedRunner, run, warm, work

SYSTEM = "You are a patient teacher of arithmetic. "
"""41 tokens."""


def fed(runner: WatchedRunner) -> int:
    return sum(sum(tokens.values()) for tokens in runner.tokens_fed())


@pytest.fixture
def watched(open_any_runner):
    return lambda **changes: WatchedRunner(open_any_runner("fake", **changes))


def test_a_conversation_goes_on_from_what_was_computed(open_engine, open_runner):
    engine = open_engine()
    first = run(engine, work(1, SYSTEM, max_tokens=9, owner="ada"))[1, 0]
    history = [*SYSTEM.encode(), *first.ids]

    again = run(engine, work(2, [*history, 63], max_tokens=9, owner="ada"))[2, 0]

    assert first.finished.cached_tokens == 0
    # The last sampled token was never fed.
    assert again.finished.cached_tokens == len(history) - 1
    fresh = run(Scheduler(open_runner()), work(3, [*history, 63], max_tokens=9))[3, 0]
    assert again.ids == fresh.ids


@pytest.mark.parametrize("owners", [("ada", "bob"), ("", ""), ("ada", ""), ("", "ada")])
def test_nothing_is_shared_between_owners_nor_with_nobody(open_engine, owners):
    engine = open_engine()
    run(engine, work(1, SYSTEM, owner=owners[0]))

    answer = run(engine, work(2, SYSTEM, owner=owners[1]))[2, 0]

    assert answer.finished.cached_tokens == 0


def test_two_owners_at_once_do_not_share(open_engine):
    engine = open_engine()

    answers = run(engine, *[work(number, SYSTEM, owner=f"owner {number}") for number in range(4)])

    assert {answer.finished.cached_tokens for answer in answers.values()} == {0}


def test_the_same_prompt_again_computes_its_last_token_only(watched):
    runner = watched()
    engine = Scheduler(runner)
    run(engine, work(1, SYSTEM, max_tokens=1, owner="ada"))
    before = fed(runner)

    answer = run(engine, work(2, SYSTEM, max_tokens=1, owner="ada"))[2, 0]

    assert answer.finished.cached_tokens == len(SYSTEM) - 1
    assert fed(runner) - before == 1


@pytest.mark.parametrize(("common", "cached"), [(15, 0), (16, 16), (17, 17), (40, 40)])
def test_what_is_common_is_reused_to_the_token_from_16_on(open_engine, common, cached):
    engine = open_engine()
    run(engine, work(1, SYSTEM, owner="ada"))

    answer = run(engine, work(2, SYSTEM[:common] + "#" * 20, owner="ada"))[2, 0]

    assert answer.finished.cached_tokens == cached


def test_a_shared_beginning_stays_for_the_next_ones(open_engine):
    engine = open_engine()
    run(engine, work(1, SYSTEM + "What is one and one?", max_tokens=20, owner="class"))

    answers = [run(engine, work(n, f"{SYSTEM}{n}?", owner="class"))[n, 0] for n in range(2, 6)]

    assert [answer.finished.cached_tokens for answer in answers] == [len(SYSTEM)] * 4
    back = run(engine, work(9, SYSTEM + "What is one and one?", owner="class"))[9, 0]
    assert back.finished.cached_tokens == len(SYSTEM + "What is one and one?") - 1


def test_a_running_sequence_is_forked_from(open_engine):
    engine = open_engine()
    engine.submit(work(1, SYSTEM, max_tokens=60, owner="ada"))
    for _ in range(4):
        engine.step()

    engine.submit(work(2, SYSTEM + "and more", owner="ada"))
    ended = [event for _ in range(20) for event in engine.step().events if isinstance(event, Finished)]

    assert [(event.id, event.cached_tokens) for event in ended] == [(2, len(SYSTEM) - 1)]


def test_requests_that_come_together_read_their_common_beginning_once(watched):
    runner = watched()
    prompts = [f"{SYSTEM}{SYSTEM}{number}" for number in range(4)]

    answers = run(
        Scheduler(runner),
        *[work(number, prompt, max_tokens=1, owner="class") for number, prompt in enumerate(prompts)],
    )

    assert sorted(answer.finished.cached_tokens for answer in answers.values()) == [0, 82, 82, 82]
    assert fed(runner) == 83 + 3


def test_who_waits_for_another_lets_others_be_read(watched):
    engine = Scheduler(watched(batch_tokens=8))
    engine.submit(work(1, SYSTEM + "one", max_tokens=4, owner="ada"))
    engine.submit(work(2, SYSTEM + "two", max_tokens=4, owner="ada"))
    engine.submit(work(3, "short", max_tokens=4, owner="bob"))

    assert [event.id for _ in range(2) for event in engine.step().events] == [3]


@pytest.mark.parametrize(("steps", "left"), [(1, 0), (3, 24)])
def test_a_cancelled_leader_strands_nobody(watched, steps, left):
    engine = Scheduler(watched(batch_tokens=8))
    engine.submit(work(1, SYSTEM * 2 + "one", max_tokens=4, owner="ada"))
    for number in (2, 3):
        engine.submit(work(number, SYSTEM * 2 + "two", max_tokens=4, owner="ada"))
    for _ in range(steps):
        engine.step()

    engine.cancel(1)
    answers = run(engine)

    assert answers[1, 0].finished.reason is FinishReason.CANCELLED
    assert [len(answers[number, 0].ids) for number in (2, 3)] == [4, 4]
    # What is left of it is gone on from; the third then waits for the second.
    assert [answers[number, 0].finished.cached_tokens for number in (2, 3)] == [left, len(SYSTEM) * 2 + 2]


def test_a_group_goes_on_from_what_is_there_too(open_engine):
    engine = open_engine()
    plain = run(engine, work(1, SYSTEM, max_tokens=6, n=3, sampling=warm()))

    run(engine, work(2, SYSTEM, max_tokens=6, owner="ada"))
    again = run(engine, work(3, SYSTEM, max_tokens=6, n=3, sampling=warm(), owner="ada"))

    assert [again[3, choice].finished.cached_tokens for choice in range(3)] == [len(SYSTEM) - 1] * 3
    assert [again[3, choice].ids for choice in range(3)] == [plain[1, choice].ids for choice in range(3)]


def test_what_is_kept_counts_as_free(open_engine):
    engine = open_engine()

    run(engine, *[work(number, SYSTEM + str(number), owner="ada") for number in range(8)])

    assert engine.free == Free(512, 8)


def test_the_least_recently_used_makes_room(open_engine):
    engine = open_engine(max_sequences=3)
    for number, letter in enumerate("abc"):
        run(engine, work(number, letter * 30, max_tokens=2, owner="ada"))
    run(engine, work(10, "a" * 30 + "!", max_tokens=2, owner="ada"))

    run(engine, work(11, "d" * 30, max_tokens=2, owner="ada"))

    cached = [
        run(engine, work(20, letter * 30, max_tokens=2, owner="ada"))[20, 0].finished.cached_tokens
        for letter in "acb"
    ]
    assert cached == [29, 29, 0]


def test_kept_tokens_make_room_for_those_that_run(open_fake):
    engine = open_fake(kv_tokens=100, options={"real_kv_tokens": "100"})
    run(engine, work(1, "a" * 60, max_tokens=2, owner="ada"))

    answers = run(engine, work(2, "b" * 60, max_tokens=40, owner="ada"))

    assert not answers.failed
    assert len(answers[2, 0].ids) == 40


def test_a_context_as_large_as_the_cache_can_still_go_on(open_fake):
    engine = open_fake(kv_tokens=100, max_sequences=1, options={"real_kv_tokens": "100"})
    run(engine, work(1, "a" * 60, max_tokens=2, owner="ada"))

    answer = run(engine, work(2, "a" * 60 + "b" * 9, max_tokens=31, owner="ada"))[2, 0]

    assert answer.finished.cached_tokens == 60


def test_when_cells_run_out_what_is_idle_goes_before_anybody_fails(open_fake):
    engine = open_fake(options={"real_kv_tokens": "100"})
    run(engine, work(1, "a" * 60, max_tokens=2, owner="ada"))

    answers = run(engine, work(2, "b" * 60, max_tokens=2, owner="ada"))

    assert not answers.failed


def test_models_that_cannot_be_cut_back_reuse_nothing(open_fake):
    engine = open_fake(options={"reuses_prefixes": "false"})
    run(engine, work(1, SYSTEM, owner="ada"))

    assert run(engine, work(2, SYSTEM, owner="ada"))[2, 0].finished.cached_tokens == 0


def test_a_request_takes_over_its_own_beginning_before_another_ones_is_evicted(open_engine):
    engine = open_engine(max_sequences=3)
    for number, letter in enumerate("abc"):
        run(engine, work(number, letter * 30, max_tokens=20, owner=letter))

    again = run(engine, work(10, "b" * 20 + "x" * 10, max_tokens=20, owner="b"))[10, 0]
    first = run(engine, work(11, "a" * 30, max_tokens=2, owner="a"))[11, 0]

    assert (again.finished.cached_tokens, first.finished.cached_tokens) == (20, 29)


def test_in_the_split_layout_running_requests_are_neighbors(watched):
    runner = watched(kv_layout="split")
    engine = Scheduler(runner)
    run(engine, *[work(number, letter * 20, owner="ada") for number, letter in enumerate("abcdefgh")])

    # A new one, one that takes over what the last sequence holds, and one that forks from another.
    answers = run(
        engine,
        work(10, "x" * 20, owner="ada"),
        work(11, "g" * 20 + "!", owner="ada"),
        work(12, "c" * 17 + "?", owner="ada"),
    )

    assert {sequence for tokens in runner.tokens_fed()[-3:] for sequence in tokens} == {0, 1, 2}
    assert [answers[number, 0].finished.cached_tokens for number in (10, 11, 12)] == [0, 20, 17]
    # Who ended first made room; the next, which held the lowest sequence, was moved and kept its age.
    assert run(engine, work(20, "a" * 20, owner="ada"))[20, 0].finished.cached_tokens == 19
    assert run(engine, work(21, "b" * 20, owner="ada"))[21, 0].finished.cached_tokens == 0


PROMPTS = st.lists(
    st.tuples(
        st.sampled_from(["", "ada", "bob"]),
        st.sampled_from(["a" * 20, "a" * 36 + "b" * 9, "b" * 40, "a" * 70]),
        st.text("ab", max_size=8),
        st.integers(1, 9),
        st.integers(1, 3),
        st.integers(0, 6),
        st.booleans(),
    ),
    max_size=14,
)


SIZES = st.fixed_dictionaries(
    {
        "max_sequences": st.integers(1, 6),
        "kv_tokens": st.sampled_from([150, 300]),
        "batch_tokens": st.sampled_from([8, 32]),
        "kv_layout": st.sampled_from(["unified", "split"]),
    }
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PROMPTS, SIZES)
def test_answers_are_those_without_reuse_and_cells_are_never_over_committed(open_fake, asked, sizes):
    engine = open_fake(**sizes)
    answers = Answers()
    cancelled = set()
    for number, (owner, beginning, end, max_tokens, n, steps, cancel) in enumerate(asked):
        one = work(number, beginning + end, max_tokens=max_tokens, n=n, sampling=warm(), owner=owner)
        while not (fits := one.kv_tokens <= engine.free.kv_tokens and n <= engine.free.sequences):
            if engine.idle:
                break
            answers.update_with(engine.step().events)
        if fits:
            engine.submit(one)
        for _ in range(steps):
            answers.update_with(engine.step().events)
        if cancel:
            engine.cancel(number)
            cancelled.add(number)
    while not engine.idle:
        answers.update_with(engine.step().events)

    assert not answers.failed
    assert engine.free == Free(sizes["kv_tokens"], sizes["max_sequences"])
    plain = open_fake()
    for (number, choice), answer in answers.items():
        owner, beginning, end, max_tokens, n, _, _ = asked[number]
        expected = run(plain, work(number, beginning + end, max_tokens=max_tokens, n=n, sampling=warm()))[
            number, choice
        ].ids
        assert answer.ids == (expected[: len(answer.ids)] if number in cancelled else expected)
        assert answer.finished.cached_tokens < len(beginning + end)
