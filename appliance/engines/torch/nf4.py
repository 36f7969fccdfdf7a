"""A matrix in 4 bits, as bitsandbytes holds it (NF4: Dettmers et al., 2023, QLoRA)."""

from typing import Final

import bitsandbytes as bnb
import torch
from torch import Tensor

BLOCK: Final = 64
"""Inputs that share a scale. Where rows are no multiple of it, bitsandbytes' code for processors reads back
other numbers than it was given (0.50.2, wrong by up to the largest weight).
"""
_PACKED_OUTPUTS: Final = 32
"""A processor with bfloat16 instructions has a kernel of its own, which wants a multiple of this."""


class Nf4(bnb.nn.Linear4bit):  # type: ignore[misc]  # bitsandbytes has no types
    """For inference only."""

    def hold(self, weight: Tensor, device: torch.device) -> None:
        """Quantize ``(outputs, inputs)``."""
        held = bnb.nn.Params4bit(
            weight, requires_grad=False, quant_type="nf4", compress_statistics=False, module=self
        )
        self.weight = held._quantize(device)  # noqa: SLF001 - on the processor `to` does not quantize
        if self.out_features % _PACKED_OUTPUTS:
            self.support_avx512bf16_for_cpu = False

    def held_bytes(self) -> int:
        """Of the weights with their scales."""
        state = self.weight.quant_state
        return int(self.weight.nbytes + state.absmax.nbytes + state.code.nbytes)
