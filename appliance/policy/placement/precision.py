"""How many bytes the torch engine makes of weights, by the precision of a form and by where it computes.

Only the matrices of the blocks are held in 8 or 4 bits, as bitsandbytes does it: int8 with a scale of 32 bits
for each row (LLM.int8(), Dettmers et al. 2022), nf4 with one for each 64 values (QLoRA, Dettmers et al. 2023,
without its double quantization). Embeddings, norms and the output matrix stay as they are computed with.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from appliance.domain.recipe import Precision

_SIXTEENTHS: Final[Mapping[Precision, int]] = MappingProxyType(
    {"float32": 64, "bfloat16": 32, "float16": 32, "int8": 16, "nf4": 9}
)
"""Of a byte, that one weight of a block's matrix takes: nf4 has 4 bits and 32 more for each 64."""
_ROW_SCALE_BYTES: Final = 4
_HALF: Final = 2
_WHOLE: Final = 4


def computes_in_bytes(precision: Precision, *, on_gpu: bool) -> int:
    """A value of activations, keys and values. On the processor what is packed is computed with 32 bits."""
    if precision == "float32" or (packed(precision) and not on_gpu):
        return _WHOLE
    return _HALF


def packed(precision: Precision) -> bool:
    """Whether matrices are unpacked for each pass."""
    return precision in {"int8", "nf4"}


def weight_bytes(matrix_weights: int, other_weights: int, width: int, precision: Precision) -> int:
    """Bytes on a GPU. ``matrix_weights`` are those in the blocks, each row of them about ``width`` long."""
    sixteenths = _SIXTEENTHS.get(precision, _SIXTEENTHS["bfloat16"])
    matrices = -(-matrix_weights * sixteenths // 16)
    scales = -(-matrix_weights * _ROW_SCALE_BYTES // width) if precision == "int8" else 0
    return matrices + scales + other_weights * computes_in_bytes(precision, on_gpu=True)


def processor_bytes(gpu_bytes: int, parameters: int, precision: Precision) -> int:
    """What weights that take ``gpu_bytes`` on a GPU take on the processor: beside packed matrices the others
    have 32 bits there.
    """
    return gpu_bytes + (_WHOLE - _HALF) * _other_weights(gpu_bytes, parameters, precision, other_bytes=_HALF)


def gpu_bytes(processor_bytes: int, parameters: int, precision: Precision) -> int:
    """The other way round."""
    others = _other_weights(processor_bytes, parameters, precision, other_bytes=_WHOLE)
    return processor_bytes - (_WHOLE - _HALF) * others


def _other_weights(size_bytes: int, parameters: int, precision: Precision, *, other_bytes: int) -> int:
    """How many weights are not packed, from the size of all: ``size = packed * p + others * other_bytes``."""
    if not packed(precision):
        return 0
    sixteenths = _SIXTEENTHS[precision]
    others = (16 * size_bytes - sixteenths * parameters) // (16 * other_bytes - sixteenths)
    return min(max(others, 0), parameters)
