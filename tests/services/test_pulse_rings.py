"""The last seconds and the last hour: whole steps, in order, never more than are kept."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.hardware import GpuSample
from appliance.services.pulse.rings import BEATS_KEPT, MOMENT_S, MOMENTS_KEPT, Beat, Rings


def beat(number: int) -> Beat:
    """Of the second of that number, which is in all its values."""
    return Beat(1000 * number, float(number), 10.0 * number, number, number, number / 10, number)


def rings(first: int, count: int, gpus: tuple[GpuSample, ...] = ()) -> Rings:
    made = Rings()
    for number in range(first, first + count):
        made.add(number, beat(number), gpus)
    return made


def test_the_last_seconds_are_given_oldest_first():
    assert [one.waiting for one in rings(100, 90).steps(3, 1)] == [187, 188, 189]


def test_rates_of_a_step_are_averages_and_the_rest_is_the_most():
    (one,) = rings(100, 10).steps(10, 10)
    assert (one.requests_per_s, one.tokens_per_s, one.processor_percent) == (104.5, 1045.0, 10.45)
    assert (one.waiting, one.running, one.memory_used_bytes, one.at_ms) == (109, 109, 109, 109_000)


def test_a_step_that_is_not_over_is_not_told_yet():
    assert [one.at_ms for one in rings(100, 19).steps(60, 10)] == [109_000]
    assert [one.at_ms for one in rings(100, 20).steps(60, 10)] == [109_000, 119_000]


def test_a_step_longer_than_what_was_asked_for_is_one_step():
    assert len(rings(100, 40).steps(5, 20)) == 1


def test_a_young_box_has_fewer():
    assert Rings().steps(60, 1) == []
    assert len(rings(100, 7).steps(60, 1)) == 7
    assert rings(103, 5).steps(60, 10) == []


@given(
    first=st.integers(0, 1000), count=st.integers(0, 90), seconds=st.integers(1, 60), step=st.integers(1, 60)
)
def test_a_step_is_of_the_same_seconds_whenever_it_is_asked_for(first, count, seconds, step):
    ends = [one.at_ms // 1000 for one in rings(first, count).steps(seconds, step)]
    assert all((end + 1) % step == 0 for end in ends)
    assert ends == sorted(set(ends))
    assert len(ends) <= max(1, seconds // step)


def test_seconds_in_which_nobody_could_look_are_like_the_one_after_them():
    made = rings(100, 3)
    made.add(106, beat(106), ())
    assert [one.waiting for one in made.steps(5, 1)] == [102, 106, 106, 106, 106]


def test_a_long_silence_fills_the_ring_and_no_more():
    made = rings(100, 3)
    made.add(10_000_000, beat(7), ())
    assert made.last == 10_000_000
    assert [one.waiting for one in made.steps(2 * BEATS_KEPT, 1)] == [7] * BEATS_KEPT
    assert len(made.moments) == BEATS_KEPT // MOMENT_S


def test_an_hour_of_moments_is_kept():
    made = rings(0, MOMENT_S * (MOMENTS_KEPT + 3), (GpuSample(0),))
    assert len(made.moments) == MOMENTS_KEPT
    last = made.moments[-1]
    assert last.at_ms == 1000 * (MOMENT_S * (MOMENTS_KEPT + 3) - 1)
    assert last.gpus == (GpuSample(0),)


def test_a_moment_is_the_average_and_the_most_of_its_seconds():
    (one,) = rings(100, MOMENT_S).moments
    assert (one.processor_percent, one.memory_used_bytes) == (10.2, 104)
