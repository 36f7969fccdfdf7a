"""Few tokens of a row, the most probable ones among them; on the host by numpy, elsewhere by torch."""

# ruff: noqa: E402 - torch is imported where it is installed only

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from appliance.engines.logits.candidates import candidates
from tests.required import require_torch

require_torch()

import torch

from appliance.engines.torch import candidates as on_device

ROWS = arrays.arrays(
    np.float32, st.integers(1, 400), elements=st.floats(-30, 30, width=32) | st.sampled_from([0.0, 1.0])
)


def best(row, count):
    """In the order of their number."""
    return sorted(sorted(range(len(row)), key=lambda token: (-row[token], token))[:count])


@given(ROWS, st.integers(1, 500))
def test_the_most_probable_are_among_them_in_rising_order(row, count):
    found = candidates(row, count).tolist()

    assert found == sorted(set(found))
    assert set(best(row, count)) <= set(found)


@given(ROWS, st.integers(1, 50))
def test_whoever_is_as_probable_as_the_last_is_there_too(row, count):
    found = candidates(row, count).tolist()

    lowest = min(row[found])
    assert found == np.flatnonzero(row >= lowest).tolist()


def test_there_are_few_of_them():
    row = np.random.default_rng(1).standard_normal(32_000).astype(np.float32)

    assert 40 <= len(candidates(row, 40)) < 50
    assert 1024 <= len(candidates(row, 1024)) < 1300


def test_a_row_with_what_is_no_number_has_candidates():
    row = np.zeros(1000, np.float32)
    row[500] = np.nan

    assert 500 in candidates(row, 3)


class TestOnADevice:
    """The same by torch, for rows that lie on a GPU; here they do not."""

    @given(
        arrays.arrays(
            np.float32,
            st.tuples(st.integers(1, 4), st.integers(1, 300)),
            elements=st.floats(-30, 30, width=32) | st.sampled_from([0.0, 1.0]),
        ),
        st.integers(1, 400),
    )
    def test_every_row_has_its_own(self, rows, count):
        tokens, logits = on_device.find_on_device(torch.from_numpy(rows), range(len(rows)), count)

        assert len(tokens) == len(logits) == len(rows)
        for row, own, values in zip(rows, tokens, logits, strict=True):
            assert own.tolist() == candidates(row, count).tolist()
            assert values.tolist() == row[own].tolist()

    def test_a_row_with_what_is_no_number_has_candidates(self):
        rows = torch.zeros(2, 500)
        rows[0] = torch.nan
        rows[1, 7] = 1.0

        tokens, _ = on_device.find_on_device(rows, [0, 1], 1)

        assert [len(tokens[0]), tokens[1].tolist()] == [500, [7]]

    def test_only_the_rows_asked_for_are_looked_at(self):
        rows = torch.eye(5)

        assert on_device.most_probable_on_device(rows, [1, 4]) == [1, 4]
        assert on_device.most_probable(rows, [1, 4]) == [1, 4]
        for find in (
            on_device.find_on_device(rows, [1, 4], 1),
            on_device.find_candidates(rows, [1, 4], [1, 1]),
        ):
            assert [[own.tolist() for own in part] for part in find] == [[[1], [4]], [[1.0], [1.0]]]

    def test_of_equally_probable_ones_the_lowest_number_is_taken(self):
        rows = torch.tensor([[0.0, 3.0, 3.0], [2.0, 2.0, 2.0]])

        assert on_device.most_probable_on_device(rows, [0, 1]) == [1, 0]
        assert on_device.most_probable(rows, [0, 1]) == [1, 0]
