"""On one box of eight GPUs every level can be reached within a year."""

import pytest

from appliance.domain.duties import Compute, Level
from appliance.policy.duties.levels import level_of
from appliance.policy.duties.table import THRESHOLDS
from tests.policy.shipped_shapes import RECIPES

YEAR_S = 365 * 86_400
USEFUL = 0.4
"""Of the peak, in 16 bits: what training runs of the time reached."""
A100, H100 = 312 * 10**3, 989 * 10**3
"""Peak in 10^9 FLOP a second."""
LLAMA_8B = RECIPES["llama-3.1-8b-instruct"].training_gflop
SMALL = 10**12


def year_of(peak_gflop, gpus=8):
    return int(gpus * peak_gflop * USEFUL * YEAR_S)


def part(fraction, peak=A100):
    return int(fraction * year_of(peak))


def test_a_box_of_eight_makes_about_ten_to_the_22_or_23_useful_flop_a_year():
    assert 10**13 < year_of(A100) < year_of(H100) <= 10**14


@pytest.mark.parametrize(
    ("level", "compute", "tags"),
    [
        (Level.D0, Compute(part(0.0001), 0, SMALL), ()),
        (Level.D1, Compute(part(0.01), 0, SMALL), ()),
        (Level.D2, Compute(part(0.1), 0, SMALL), ()),
        (Level.D3, Compute(part(0.9), 0, SMALL), ()),
        (Level.D3, Compute(0, part(0.1), 0), ()),
        (Level.D4, Compute(0, part(0.5), 0), ()),
        (Level.D4, Compute(part(0.9), 0, SMALL), ("health",)),
        (Level.D4, Compute(0, part(0.05), 0), ("biometrics",)),
    ],
)
def test_each_level_is_reached_by_a_part_of_a_year_of_eight_a100(level, compute, tags):
    assert level_of(compute, tags).level is level


def test_a_newer_box_reaches_the_highest_by_answers_to_a_tagged_project_within_weeks():
    assert level_of(Compute(part(0.11, H100), 0, SMALL), ("health",)).level is Level.D4


def test_a_class_on_an_8b_model_owes_nothing():
    """30 students with 100 questions each: 70 credits."""
    assert level_of(Compute(70 * 10**6, 0, LLAMA_8B), ()).level is Level.D0
    assert level_of(Compute(70 * 10**6, 0, LLAMA_8B), ("health",)).level is Level.D0


def test_thresholds_grow_with_their_level_in_every_column():
    assert [row.level for row in THRESHOLDS] == list(Level)[1:]
    for column in ("inference_gflop", "training_gflop", "model_gflop"):
        amounts = [getattr(row, column) for row in THRESHOLDS]
        assert amounts == sorted(set(amounts))
    assert all(row.training_gflop < row.inference_gflop for row in THRESHOLDS)
