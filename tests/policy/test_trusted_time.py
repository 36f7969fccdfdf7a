"""What time it is: signed times and what the machine counts bound what a clock may say."""

from hypothesis import given, settings
from hypothesis import strategies as some

from appliance.domain.trusted_time import Kept
from appliance.policy.trusted_time import SLACK_MS, STEP_MS, Known, begin, learn, read, reset

DAY_MS = 86_400_000
NOW_MS = 1_790_000_000_000
KNOWN = Known(NOW_MS, NOW_MS, 1000)
walls = some.integers(0, 2 * NOW_MS)
steps = some.lists(some.tuples(walls, some.integers(0, 40 * DAY_MS)), max_size=12)


@settings(max_examples=40)
@given(steps)
def test_whatever_the_clock_says_time_is_never_before_the_floor_and_what_was_counted(readings):
    known, count_ms = KNOWN, KNOWN.count_ms
    for wall_ms, passed_ms in readings:
        count_ms += passed_ms
        found = read(known, wall_ms=wall_ms, count_ms=count_ms)
        assert found.known.floor_ms == NOW_MS + count_ms - KNOWN.count_ms
        assert found.effective_ms >= found.known.floor_ms
        assert found.latest_ms > found.effective_ms
        known = found.known


@settings(max_examples=40)
@given(steps)
def test_no_clock_lifts_the_floor_while_the_box_runs_nor_by_more_than_a_step_at_a_start(readings):
    known, count_ms = KNOWN, KNOWN.count_ms
    for wall_ms, passed_ms in readings:
        count_ms += passed_ms
        found = read(known, wall_ms=wall_ms, count_ms=count_ms).known
        kept = Kept(found.floor_ms, NOW_MS, 0, "one", count_ms)
        known = begin(kept, wall_ms=wall_ms, boot="two", count_ms=count_ms)
        assert found.floor_ms <= known.floor_ms <= found.floor_ms + STEP_MS


def test_a_clock_that_runs_a_little_late_is_no_trouble():
    found = read(KNOWN, wall_ms=NOW_MS - SLACK_MS, count_ms=1000)
    assert (found.state, found.effective_ms) == ("sound", NOW_MS)
    assert read(KNOWN, wall_ms=NOW_MS - SLACK_MS - 1, count_ms=1000).state == "behind"


def test_a_step_of_a_day_and_a_half_is_followed_and_more_is_not():
    assert STEP_MS == 36 * 3_600_000
    followed = read(KNOWN, wall_ms=NOW_MS + STEP_MS, count_ms=1000)
    assert (followed.state, followed.effective_ms) == ("sound", NOW_MS + STEP_MS)
    ahead = read(KNOWN, wall_ms=NOW_MS + STEP_MS + 1, count_ms=1000)
    assert (ahead.state, ahead.effective_ms) == ("ahead", NOW_MS)
    # A registry that signs what the clock tells is believed, and then the clock is.
    assert ahead.latest_ms == NOW_MS + STEP_MS + 1 + SLACK_MS
    confirmed = learn(ahead.known, NOW_MS + STEP_MS, wall_ms=NOW_MS + STEP_MS + 1)
    assert read(confirmed, wall_ms=NOW_MS + STEP_MS + 1, count_ms=1000).state == "sound"


def test_a_step_back_that_stays_above_the_floor_is_followed():
    far = read(Known(NOW_MS, 0, 1000), wall_ms=NOW_MS + 90 * DAY_MS, count_ms=1000)
    assert (far.state, far.effective_ms) == ("unconfirmed", NOW_MS + 90 * DAY_MS)
    mended = read(far.known, wall_ms=NOW_MS + 60_000, count_ms=1000)
    assert (mended.state, mended.effective_ms) == ("sound", NOW_MS + 60_000)


def test_an_older_signature_teaches_nothing_and_a_reset_sets_back():
    assert learn(KNOWN, NOW_MS - 1, wall_ms=NOW_MS) == KNOWN
    assert read(reset(KNOWN, NOW_MS - DAY_MS), wall_ms=0, count_ms=1000).effective_ms == NOW_MS - DAY_MS


def test_what_the_machine_counted_before_another_start_says_nothing():
    kept = Kept(NOW_MS, NOW_MS, 0, "one", 5000)
    assert begin(kept, wall_ms=0, boot="one", count_ms=9000).floor_ms == NOW_MS + 4000
    assert begin(kept, wall_ms=0, boot="two", count_ms=9000).floor_ms == NOW_MS
    assert begin(kept, wall_ms=0, boot="", count_ms=9000).floor_ms == NOW_MS
