"""Coverage is a set of numbers; pieces are the lowest ones that nobody has."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.weights.fetching.ranges import Coverage, Pending, piece_bytes

RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


@given(ranges=RANGES, begin=st.integers(0, 40), end=st.integers(0, 40))
def test_coverage_is_a_set(ranges, begin, end):
    coverage, numbers = Coverage(), set()
    for one in ranges:
        coverage.add(*one)
        numbers |= set(range(*one))
    told = [number for first, last in coverage.ranges for number in range(first, last)]
    assert told == sorted(numbers)
    assert all(one[1] < other[0] for one, other in zip(coverage.ranges, coverage.ranges[1:], strict=False))
    assert coverage.count == len(numbers)
    assert coverage.prefix == next(number for number in range(42) if number not in numbers)
    missing = [number for first, last in coverage.missing(begin, end) for number in range(first, last)]
    assert missing == [number for number in range(begin, end) if number not in numbers]
    if begin < end:
        assert coverage.within(begin, end) == (set(range(begin, end)) <= numbers)


def test_pieces_are_taken_from_the_beginning_and_come_back_to_it():
    pending = Pending([(0, 25), (40, 45)], 10)
    taken = [pending.take() for _ in range(3)]
    assert taken == [(0, 10), (10, 20), (20, 25)]
    pending.give_back(14, 20)
    pending.give_back(30, 30)
    assert [pending.take() for _ in range(3)] == [(14, 20), (40, 45), None]


def test_one_connection_asks_for_everything_at_once():
    assert piece_bytes(10**12, 1) == 10**12
    assert piece_bytes(10**12, 4) == 64 * 2**20
    assert piece_bytes(100, 4) == 4 * 2**20
