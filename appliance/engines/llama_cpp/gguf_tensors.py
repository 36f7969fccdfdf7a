"""Where the tensors of a GGUF file lie, and whether the file holds them: one after the other, none over the
end, none over another.

llama.cpp's own reader wants the same order (ggml's ``gguf.cpp``); the sizes of types are those of ``ggml.h``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

BLOCKS: Final[Mapping[int, tuple[int, int]]] = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    15: (256, 292),  # Q8_K
    16: (256, 66),  # IQ2_XXS
    17: (256, 74),  # IQ2_XS
    18: (256, 98),  # IQ3_XXS
    19: (256, 50),  # IQ1_S
    20: (32, 18),  # IQ4_NL
    21: (256, 110),  # IQ3_S
    22: (256, 82),  # IQ2_S
    23: (256, 136),  # IQ4_XS
    24: (1, 1),  # I8
    25: (1, 2),  # I16
    26: (1, 4),  # I32
    27: (1, 8),  # I64
    28: (1, 8),  # F64
    29: (256, 56),  # IQ1_M
    30: (1, 2),  # BF16
    34: (256, 54),  # TQ1_0
    35: (256, 66),  # TQ2_0
    39: (32, 17),  # MXFP4
    40: (64, 36),  # NVFP4
    41: (128, 18),  # Q1_0
}
"""Of each type of tensor: how many values a block has, and how many bytes."""

_MOST_DIMENSIONS: Final = 4
_LONGEST_NAME_BYTES: Final = 63
"""``GGML_MAX_NAME``, which counts its end."""
_MOST_VALUES: Final = 2**50


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """``dimensions``: the fastest first. ``offset`` counts from the first byte behind the header."""

    dimensions: tuple[int, ...]
    kind: int
    offset: int

    @property
    def values(self) -> int:
        """How many weights it has."""
        return prod(self.dimensions)

    @property
    def size_bytes(self) -> int:
        """Of its type, which ``check_tensor`` knew."""
        block_values, block_bytes = BLOCKS[self.kind]
        return self.values // block_values * block_bytes


def check_tensor(name: str, tensor: GgufTensor) -> None:
    """Raises ``ValueError`` for one that no file can have."""
    if not name or len(name.encode()) > _LONGEST_NAME_BYTES:
        raise ValueError("a tensor has a name that no model gives")
    if len(tensor.dimensions) > _MOST_DIMENSIONS:
        raise ValueError("a tensor has too many dimensions")
    if tensor.kind not in BLOCKS:
        raise ValueError("a tensor is of a type that Carrel does not know")
    if not 0 < tensor.values <= _MOST_VALUES:
        raise ValueError("a tensor has a size that no model has")
    first = tensor.dimensions[0] if tensor.dimensions else 1
    if first % BLOCKS[tensor.kind][0]:
        raise ValueError("a tensor has rows that are no multiple of its type's blocks")


def check_places(tensors: Mapping[str, GgufTensor], alignment: int, data_bytes: int) -> None:
    """Every tensor begins where the one before it ends, and the file where the last one does. ``data_bytes``
    is what the file has behind its header. Raises ``ValueError``.
    """
    reached = last_end = 0
    for tensor in tensors.values():
        if tensor.offset != reached:
            raise ValueError("a tensor does not begin where the one before it ends")
        last_end = reached + tensor.size_bytes
        reached = aligned(last_end, alignment)
    if data_bytes < last_end:
        raise ValueError(f"it ends {last_end - data_bytes} bytes too early: it is truncated")
    if data_bytes > reached:
        raise ValueError(f"{data_bytes - reached} bytes at its end belong to no tensor")


def aligned(size_bytes: int, alignment: int) -> int:
    """The next multiple of ``alignment``."""
    return -(-size_bytes // alignment) * alignment
