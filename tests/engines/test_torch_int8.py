"""A matrix in 8 bits: near the full one, and each row by itself."""
# ruff: noqa: E402 - torch is imported where it is installed only

import pytest

from tests.required import require_torch

require_torch()

import bitsandbytes as bnb
import torch

from appliance.engines.torch.int8 import RowwiseInt8

ROWS, COLUMNS, OUT = 9, 64, 48


@pytest.fixture
def dice():
    return torch.Generator().manual_seed(4)


@pytest.fixture
def weight(dice):
    return torch.randn(OUT, COLUMNS, generator=dice) / 8


@pytest.fixture
def bias(dice):
    return torch.randn(OUT, generator=dice)


@pytest.fixture
def rows(dice):
    """Some have an outlier, in two columns."""
    values = torch.randn(ROWS, COLUMNS, generator=dice)
    values[0, 7], values[4, 7], values[5, 30] = 40.0, -25.0, 9.0
    return values


def made(kind, weight, bias):
    module = kind(COLUMNS, OUT, has_fp16_weights=False, threshold=6.0, device="meta")
    RowwiseInt8.hold(module, weight.clone(), torch.device("cpu"))
    module.bias = torch.nn.Parameter(bias, requires_grad=False)
    return module.eval()


def test_no_row_depends_on_what_stands_beside_it(weight, bias, rows):
    module = made(RowwiseInt8, weight, bias)

    together = module(rows)
    alone = torch.cat([module(row[None]) for row in rows])

    assert torch.allclose(together, alone, rtol=0, atol=1e-5)
    assert torch.allclose(module(rows.flip(0)).flip(0), together, rtol=0, atol=1e-5)


def test_a_row_alone_is_what_bitsandbytes_makes_of_it(weight, bias, rows):
    ours, theirs = made(RowwiseInt8, weight, bias), made(bnb.nn.Linear8bitLt, weight, bias)

    for row in rows:
        assert torch.allclose(ours(row[None]), theirs(row[None]), rtol=0, atol=1e-5)


def test_an_outlier_costs_the_other_numbers_of_its_row_nothing(weight, bias, rows):
    exact = rows @ weight.t() + bias

    errors = (made(RowwiseInt8, weight, bias)(rows) - exact).abs().amax(dim=1)
    coarse = made(RowwiseInt8, weight, bias)
    coarse.state.threshold = 1e9

    assert errors[[1, 2, 3]].max() < 0.1
    assert errors[0] < (coarse(rows) - exact).abs().amax(dim=1)[0] / 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 3)])
def test_the_dimensions_in_front_stay(weight, bias, rows, shape):
    batch = rows[: shape[0] * shape[1]].reshape(*shape, COLUMNS)

    assert made(RowwiseInt8, weight, bias)(batch).shape == (*shape, OUT)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_the_dtype_stays_and_a_large_number_is_no_overflow(weight, bias, rows, dtype):
    rows[2, 2] = 60_000.0
    module = made(RowwiseInt8, weight, bias.to(dtype))

    answer = module(rows.to(dtype))

    assert answer.dtype is dtype
    assert bool(answer.isfinite().all())
