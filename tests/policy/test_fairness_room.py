"""Big requests may be passed a few times, then room is kept; smaller ones go into what is free meanwhile."""

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.engines.base import Free
from appliance.policy.fairness_room import (
    MOST_PASSED,
    Wish,
    equal_share,
    fits,
    kept_for_returning,
    leaves_room,
    who_goes,
)

FREE = st.builds(Free, kv_tokens=st.integers(0, 100), sequences=st.integers(0, 4))
WISHES = st.lists(
    st.builds(
        Wish,
        number=st.integers(0, 10**6),
        needs=st.builds(Free, kv_tokens=st.integers(1, 100), sequences=st.just(1)),
        passed=st.integers(0, 2 * MOST_PASSED),
    ),
    max_size=20,
    unique_by=lambda wish: wish.number,
)


def wish(number: int, kv_tokens: int, passed: int = 0, kept: int | None = None) -> Wish:
    return Wish(number, Free(kv_tokens, 1), passed, kept)


def test_the_first_that_fits_goes_and_those_before_it_were_passed():
    choice = who_goes([wish(1, 50), wish(2, 40), wish(3, 10)], [Free(20, 1)]).choice
    assert choice is not None
    assert (choice.number, choice.sources, choice.passed) == (3, (0,), (1, 2))


def test_all_sources_with_room_are_offered():
    choice = who_goes([wish(1, 20)], [Free(19, 4), Free(20, 1), Free(90, 0), Free(90, 9)]).choice
    assert choice is not None
    assert choice.sources == (1, 3)


def test_one_that_was_passed_often_keeps_the_roomiest_source_to_itself():
    verdict = who_goes([wish(1, 50, MOST_PASSED), wish(2, 10)], [Free(20, 4), Free(40, 4)])
    assert verdict.kept == ((1, 1),)
    assert verdict.choice is not None
    assert verdict.choice.sources == (0,)


def test_a_kept_source_stays_kept_when_another_becomes_roomier():
    verdict = who_goes([wish(1, 50, MOST_PASSED, kept=1), wish(2, 10)], [Free(45, 4), Free(40, 4)])
    assert verdict.kept == ((1, 1),)


def test_nobody_goes_while_every_source_keeps_room():
    verdict = who_goes(
        [wish(1, 50, MOST_PASSED), wish(2, 60, MOST_PASSED), wish(3, 1)], [Free(9, 4), Free(9, 4)]
    )
    assert verdict.choice is None
    assert {source for _, source in verdict.kept} == {0, 1}


@given(WISHES, st.lists(FREE, max_size=4))
def test_who_goes_fits_and_nobody_is_kept_from_going_but_by_a_kept_source(wishes, free):
    verdict = who_goes(wishes, free)
    kept = {source for _, source in verdict.kept}
    by_number = {one.number: one for one in wishes}
    if verdict.choice is not None:
        assert verdict.choice.sources
        needs = by_number[verdict.choice.number].needs
        assert all(fits(needs, free[source]) for source in verdict.choice.sources)
        assert not kept & set(verdict.choice.sources)
    else:
        left = [source for source in range(len(free)) if source not in kept]
        assert not any(fits(one.needs, free[source]) for one in wishes for source in left)


@settings(deadline=None)
@given(
    big=st.integers(50, 100),
    small=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 5)), min_size=1, max_size=10),
)
def test_endless_small_requests_do_not_starve_a_big_one(big, small):
    """One source of 100 KV tokens, always more small requests behind the big one, each running a while."""
    running: list[list[int]] = [[60, 3]]
    passed, kept = 0, None
    for turn in range(MOST_PASSED + 20):
        free = Free(100 - sum(tokens for tokens, _ in running), 50)
        while True:
            tokens, steps = small[turn % len(small)]
            verdict = who_goes([wish(1, big, passed, kept), wish(2, tokens)], [free])
            kept = dict(verdict.kept).get(1, kept)
            if verdict.choice is None:
                break
            if verdict.choice.number == 1:
                return
            passed += 1
            running.append([tokens, steps])
            free = Free(free.kv_tokens - tokens, free.sequences - 1)
        running = [[tokens, left - 1] for tokens, left in running if left > 1]
    raise AssertionError("the big request never went")


WHOLE = Free(1000, 20)


def test_room_is_kept_for_what_those_who_may_return_asked_for_last():
    assert kept_for_returning([Free(30, 1), Free(50, 1)], WHOLE) == Free(80, 2)


def test_never_more_than_half_of_a_model_is_kept():
    assert kept_for_returning([Free(90, 1)] * 30, WHOLE) == Free(500, 10)


def test_an_equal_share_is_at_least_one():
    assert [equal_share(WHOLE, people) for people in (0, 1, 4, 7, 21)] == [20, 20, 5, 2, 1]


def test_room_is_left_in_sequences_and_in_kv_tokens():
    def left(free: Free) -> bool:
        return leaves_room(Free(50, 1), free=free, kept=Free(100, 2))

    assert left(Free(150, 3))
    assert not left(Free(149, 3))
    assert not left(Free(150, 2))
