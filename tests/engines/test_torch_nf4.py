"""A matrix in 4 bits: what bitsandbytes can hold, and what it is refused."""
# ruff: noqa: E402 - torch is imported where it is installed only

import pytest

from tests.required import require_torch

require_torch()

import torch

from appliance.engines.torch.nf4 import Nf4
from appliance.errors import ConfigInvalid


@pytest.mark.parametrize(("inputs", "outputs"), [(64, 32), (128, 48), (192, 20)])
def test_answers_are_near_those_of_the_full_matrix(inputs, outputs):
    dice = torch.Generator().manual_seed(4)
    weight = torch.randn(outputs, inputs, generator=dice) / inputs**0.5
    module = Nf4(inputs, outputs, bias=False, compute_dtype=torch.float32, quant_type="nf4", device="meta")
    module.hold(weight, torch.device("cpu"))
    rows = torch.randn(3, inputs, generator=dice)

    with torch.inference_mode():
        made = module.eval()(rows)

    assert (made - rows @ weight.t()).abs().max() < 0.5
    assert module.held_bytes() < weight.nbytes / 6


def test_a_model_whose_matrices_are_no_whole_blocks_wide_is_refused(tiny_torch, open_any_runner):
    fields = tiny_torch("opt", changes=(("ffn_dim", 96),))

    with pytest.raises(ConfigInvalid, match="is 96"):
        open_any_runner("torch-opt", **fields | {"precision": "nf4"})
