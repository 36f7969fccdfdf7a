"""What counts as a hang, and what does not: time goes by as the test says."""

import pytest

from appliance.workers.frames import Heartbeat
from appliance.workers.hanging import HangRule, Signs, why_hung

RULE = HangRule()


def beat(step_age_s: float | None, *, expected_s: float = 0.01) -> Heartbeat:
    return Heartbeat(None if step_age_s is None else step_age_s * 1000, expected_s * 1000, 1)


@pytest.mark.parametrize(
    ("silent_s", "last", "hung"),
    [
        (14.9, None, False),
        (15.0, None, True),
        (15.0, beat(None), True),
        (0.5, beat(None), False),
        (0.5, beat(14.9), False),
        (0.5, beat(15.1), True),
        (0.5, beat(15.1, expected_s=0.7), True),
        (0.5, beat(15.1, expected_s=0.8), False),
        (0.5, beat(59.0, expected_s=3.0), False),
        (0.5, beat(60.1, expected_s=3.0), True),
    ],
)
def test_a_worker_hangs_by_silence_or_by_a_step_far_over_what_it_should_take(silent_s, last, hung):
    reason = why_hung(RULE, silent_s=silent_s, beat=last)
    assert bool(reason) is hung
    assert "hung" in (reason or "hung")


def looked(signs: Signs, *seconds: float) -> list[bool]:
    return [signs.look(at_s) is not None for at_s in seconds]


def test_silence_counts_from_the_last_frame():
    signs = Signs(RULE, 100.0)
    assert not any(looked(signs, *range(101, 115)))
    signs.heard(None)
    assert not any(looked(signs, *range(115, 129)))
    assert looked(signs, 129, 130) == [True, True]


def test_a_long_prompt_on_a_processor_is_no_hang():
    signs = Signs(RULE, 0.0)
    for at_s in range(1, 200):
        signs.heard(beat(at_s, expected_s=10.0))
        assert signs.look(at_s) is None


def test_a_step_that_never_ends_is_a_hang_although_the_heart_beats():
    signs = Signs(RULE, 0.0)
    hung = []
    for at_s in range(1, 30):
        signs.heard(beat(at_s))
        hung.append(signs.look(at_s) is not None)
    assert hung.index(True) == 15


def test_the_end_of_a_long_step_is_a_sign_of_life():
    signs = Signs(RULE, 0.0)
    signs.heard(beat(14.9))
    signs.heard(None)
    assert signs.look(1.0) is None


def test_a_gateway_that_was_stopped_itself_blames_nobody():
    signs = Signs(RULE, 0.0)
    assert looked(signs, 1, 3600, 3601) == [False, False, False]
    assert any(looked(signs, *range(3602, 3620)))
