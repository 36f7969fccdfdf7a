"""Bytes of weights in each precision, on a GPU and on the processor."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.policy.placement.precision import (
    computes_in_bytes,
    gpu_bytes,
    packed,
    processor_bytes,
    weight_bytes,
)


@pytest.mark.parametrize(
    ("precision", "size"),
    [
        ("float32", 4 * 1100),
        ("bfloat16", 2 * 1100),
        ("float16", 2 * 1100),
        ("int8", 1000 + 4 * 10 + 2 * 100),
        ("nf4", 563 + 2 * 100),
    ],
)
def test_each_precision_has_its_size(precision, size):
    assert weight_bytes(1000, 100, 100, precision) == size


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_what_is_not_packed_takes_the_same_everywhere(precision):
    assert processor_bytes(2200, 1100, precision) == gpu_bytes(2200, 1100, precision) == 2200


@pytest.mark.parametrize(
    ("precision", "on_gpu", "size"),
    [
        ("float32", True, 4),
        ("bfloat16", False, 2),
        ("float16", False, 2),
        ("int8", True, 2),
        ("nf4", False, 4),
    ],
)
def test_what_is_computed_with_is_known(precision, on_gpu, size):
    assert computes_in_bytes(precision, on_gpu=on_gpu) == size
    assert packed(precision) is (precision in {"int8", "nf4"})


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**11), st.integers(0, 10**10), st.sampled_from(["int8", "nf4"]))
def test_what_was_weighed_on_the_processor_is_known_for_a_gpu(matrices, others, precision):
    size = weight_bytes(matrices, others, 4096, precision)
    there = processor_bytes(size, matrices + others, precision)
    # Scales of int8 count as weights that are not packed: a fifth of a thousandth.
    assert there - size == pytest.approx(2 * others, rel=1e-6, abs=2 + 2e-3 * matrices)
    assert gpu_bytes(there, matrices + others, precision) == pytest.approx(size, abs=8)
