"""A matrix in 8 bits whose rows of activations do not look at each other.

bitsandbytes takes every column in which any row has an outlier out of the 8-bit product, for all rows. So
what stands beside a sequence changes its numbers: measured on tiny models, log-probabilities by up to 0.09.
Here each row keeps only its own outliers out, as bitsandbytes itself does where there is a single row.
"""

import bitsandbytes as bnb
import torch
from torch import Tensor


class RowwiseInt8(bnb.nn.Linear8bitLt):  # type: ignore[misc]  # bitsandbytes has no types
    """LLM.int8() (Dettmers et al., 2022), row by row; for inference only."""

    def hold(self, weight: Tensor, device: torch.device) -> None:
        """Quantize ``(outputs, inputs)``."""
        held = bnb.nn.Int8Params(weight, requires_grad=False, has_fp16_weights=False)
        self.weight = held._quantize(device)  # noqa: SLF001 - on the processor `to` does not quantize
        self.init_8bit_state()

    def held_bytes(self) -> int:
        """Of the weights with their scales."""
        return int(self.state.CB.nbytes + self.state.SCB.nbytes)

    def forward(self, x: Tensor) -> Tensor:
        """``(..., columns)`` to ``(..., rows of the matrix)``, in the same dtype."""
        rows = x.reshape(-1, x.shape[-1])
        held, scales, ops = self.state.CB, self.state.SCB, torch.ops.bitsandbytes
        outliers = rows.abs() >= self.state.threshold
        small = rows.masked_fill(outliers, 0).to(torch.float16)
        quantized, sizes, _ = ops.int8_vectorwise_quant.default(small, 0.0)
        product: Tensor = ops.int8_scaled_mm.default(
            quantized, held, sizes, scales, bias=self.bias, dtype=x.dtype
        )
        columns = outliers.any(dim=0).nonzero().view(-1)
        if len(columns):
            own = rows[:, columns].masked_fill(~outliers[:, columns], 0)
            exact = ops.int8_vectorwise_dequant.default(held[:, columns].contiguous(), scales)
            product = product.addmm(own, exact.to(x.dtype).t())
        return product.view(*x.shape[:-1], -1)
