"""How much of a model lines of batches have, and which of them end for somebody's request."""

from appliance.engines.base import Free
from appliance.policy.fairness_room import Lodger, overnight_may_take, who_gives_way

ONE = Free(10, 1)
NONE = Free(0, 0)
WHOLE = Free(100, 4)
BUSY = Free(90, 3)


def may_take(needs: Free = ONE, *, taken: Free = NONE, free: Free = BUSY) -> bool:
    return overnight_may_take(needs, taken=taken, free=free, whole=WHOLE)


def test_half_of_the_seats_and_half_of_the_memory():
    assert may_take(taken=Free(10, 1))
    assert not may_take(taken=Free(20, 2))
    assert may_take(Free(40, 1), taken=Free(10, 1))
    assert not may_take(Free(41, 1), taken=Free(10, 1))


def test_more_than_half_where_nothing_runs_at_all():
    assert may_take(Free(100, 4), free=WHOLE)
    assert not may_take(Free(100, 4), free=Free(100, 3))


def test_nobody_ends_where_there_is_room():
    assert who_gives_way(ONE, [Free(10, 1)], [Lodger(1, 0, ONE)]) == ()


def test_the_youngest_end_and_no_more_than_it_takes():
    lodgers = [Lodger(number, 0, ONE) for number in (1, 2, 3)]
    assert who_gives_way(ONE, [Free(0, 0)], lodgers) == (3,)
    assert who_gives_way(Free(20, 1), [Free(0, 1)], lodgers) == (3, 2)


def test_those_of_one_source_end_and_not_a_few_of_each():
    lodgers = [Lodger(1, 0, ONE), Lodger(2, 1, ONE), Lodger(3, 0, ONE), Lodger(4, 1, ONE)]
    assert who_gives_way(Free(20, 2), [Free(0, 0), Free(0, 0)], lodgers) == (4, 2)


def test_those_that_leave_already_count():
    leaving = [Lodger(1, 0, ONE), Lodger(2, 0, ONE, leaving=True)]
    assert who_gives_way(ONE, [Free(0, 0)], leaving) == ()
    assert who_gives_way(Free(20, 1), [Free(0, 0)], leaving) == (1,)


def test_nobody_ends_where_that_would_not_be_enough():
    assert who_gives_way(Free(99, 1), [Free(0, 0)], [Lodger(1, 0, ONE)]) == ()
