"""What numbers a model is held and computed in."""

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import torch
from torch import Tensor

from appliance.domain.recipe import Precision

_PLAIN: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True)
class Numbers:
    """``compute`` is that of activations, of the KV cache and of every parameter that is not quantized."""

    compute: torch.dtype
    quantized: Precision = ""
    """``int8`` or ``nf4``, or empty."""

    @classmethod
    def of(cls, precision: Precision, device: torch.device) -> "Numbers":
        """Quantized models compute in 32 bits on a processor, where 16 are slower, in bfloat16 on a GPU."""
        if precision in _PLAIN:
            return cls(_PLAIN[precision])
        return cls(torch.float32 if device.type == "cpu" else torch.bfloat16, precision)


@runtime_checkable
class Quantized(Protocol):
    """A module that quantizes its own ``weight``. Methods only: asking whether a module is one would read a
    property, before there is anything to read.
    """

    def held_bytes(self) -> int:
        """Memory of the weights with their scales."""
        ...

    def hold(self, weight: Tensor, device: torch.device) -> None:
        """Take the weights, ``(outputs, inputs)`` in the dtype of activations."""
        ...
