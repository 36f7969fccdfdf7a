"""How far a fetch is: told often enough, not too often, and never going back."""

from appliance.domain.download import FetchProgress
from appliance.weights.fetching.meter import Meter


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_it_never_goes_back():
    told, clock = [], Clock()
    meter = Meter(told.append, clock)
    meter.start(5)
    for hashed, came in ((10, 10), (90, 80), (0, 0), (50, 50)):
        clock.now += 1
        meter.came(came)
        meter.look(hashed)
    meter.finished(100)
    assert [one.verified_bytes for one in told] == [15, 95, 95, 105]
    assert told[-1].fetched_bytes == 140


def test_it_is_told_ten_times_a_second_and_only_where_something_changed():
    told, clock = [], Clock()
    meter = Meter(told.append, clock)
    meter.comes_from("mirror")
    for step in range(1, 201):
        clock.now = step / 100
        meter.look(min(step, 100))
    assert 9 <= len(told) <= 12
    assert told[-1] == FetchProgress(100, 0, "mirror")
