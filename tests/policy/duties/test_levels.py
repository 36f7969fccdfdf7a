"""At which level a project is, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.duties import Compute, Level
from appliance.policy.duties.domains import DOMAINS
from appliance.policy.duties.levels import flop_text, level_of
from appliance.policy.duties.table import THRESHOLDS

amounts = st.integers(0, 10**18)
LARGE_AND_TAGGED = (
    "asks for 2e19 FLOP this year, above 1e21 / 100, for its domain children and for a model trained with "
    "more than 1e23"
)
tagged = st.sampled_from([(), ("health",), ("elections", "health")])


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: row.level.name)
def test_a_level_begins_above_its_threshold_and_not_at_it(row):
    below = Level(row.level - 1)
    assert level_of(Compute(inference_gflop=row.inference_gflop), ()).level is below
    assert level_of(Compute(inference_gflop=row.inference_gflop + 1), ()).level is row.level
    assert level_of(Compute(training_gflop=row.training_gflop), ()).level is below
    assert level_of(Compute(training_gflop=row.training_gflop + 1), ()).level is row.level


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: row.level.name)
def test_a_tenth_suffices_in_a_domain_of_care_and_for_a_large_model(row):
    tenth = row.inference_gflop // 10 + 1
    large = row.model_gflop + 1
    assert level_of(Compute(inference_gflop=tenth), ()).level < row.level
    assert level_of(Compute(inference_gflop=tenth), ("health",)).level is row.level
    assert level_of(Compute(inference_gflop=tenth, model_gflop=row.model_gflop), ()).level < row.level
    assert level_of(Compute(inference_gflop=tenth, model_gflop=large), ()).level is row.level
    hundredth = row.inference_gflop // 100 + 1
    assert level_of(Compute(inference_gflop=hundredth, model_gflop=large), ("health",)).level is row.level


def test_a_large_model_alone_owes_nothing():
    assert level_of(Compute(model_gflop=10**18), tuple(DOMAINS)).level is Level.D0


def test_training_and_answers_are_counted_apart():
    assert level_of(Compute(inference_gflop=9 * 10**9, training_gflop=9 * 10**8), ()).level is Level.D0


def test_what_is_asked_for_counts_as_answers_do():
    assert level_of(Compute(), (), requested_gflop=10**13 + 1).level is Level.D3


@pytest.mark.parametrize(
    ("compute", "tags", "requested", "because"),
    [
        (Compute(), (), 0, ""),
        (
            Compute(inference_gflop=21 * 10**11),
            (),
            0,
            "has used 2.1e21 FLOP this year, above 1e21",
        ),
        (
            Compute(inference_gflop=3 * 10**9, training_gflop=2 * 10**8),
            ("health",),
            0,
            "has trained with 2e17 FLOP this year, above 1e18 / 10, for its domain health",
        ),
        (
            Compute(model_gflop=10**15),
            ("health", "children"),
            2 * 10**10,
            LARGE_AND_TAGGED,
        ),
    ],
)
def test_it_is_told_what_made_the_level_so_high(compute, tags, requested, because):
    assert level_of(compute, tags, requested).because == because


@given(st.tuples(amounts, amounts, amounts), st.tuples(amounts, amounts, amounts), amounts, tagged)
def test_more_compute_is_never_a_lower_level(some, more, asked, tags):
    compute, grown = Compute(*some), Compute(*(one + other for one, other in zip(some, more, strict=True)))
    level = level_of(compute, tags).level
    assert level <= level_of(grown, tags).level
    assert level <= level_of(compute, tags, asked).level
    assert level_of(compute, ()).level <= level


def test_amounts_are_written_short_and_in_ascii():
    assert [flop_text(one) for one in (1, 10**10, 33 * 10**12, 722_700_000_000_000)] == [
        "1e9", "1e19", "3.3e22", "7.2e23",
    ]  # fmt: skip
