"""The native batch: what one ``llama_decode`` is fed, in memory allocated once and written through numpy."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from llama_cpp import llama_cpp as native

from appliance.engines.base import Slice
from appliance.engines.llama_cpp.library import Pointer
from appliance.engines.llama_cpp.logits import Outputs


class Batch:
    """Room for ``capacity`` tokens; each belongs to one sequence."""

    def __init__(self, capacity: int) -> None:
        self._tokens = np.zeros(capacity, np.int32)
        self._positions = np.zeros(capacity, np.int32)
        self._sequences = np.zeros(capacity, np.int32)
        self._sequence_counts = np.ones(capacity, np.int32)
        # seq_id is an array of pointers; each points at its own element of _sequences, for ever.
        self._sequence_pointers = self._sequences.ctypes.data + np.arange(capacity, dtype=np.uintp) * 4
        self._wants_logits = np.zeros(capacity, np.int8)
        self.native = native.llama_batch(
            0,
            _pointer(self._tokens, ctypes.c_int32),
            None,
            _pointer(self._positions, ctypes.c_int32),
            _pointer(self._sequence_counts, ctypes.c_int32),
            _pointer(self._sequence_pointers, ctypes.POINTER(ctypes.c_int32)),
            _pointer(self._wants_logits, ctypes.c_int8),
        )

    def fill(self, slices: Sequence[Slice]) -> Outputs:
        """Write slices; returns for which of their tokens there will be logits."""
        tokens: list[int] = []
        positions: list[int] = []
        sequences: list[int] = []
        sampled: list[int] = []
        scored: list[int] = []
        for piece in slices:
            size = len(piece.tokens)
            if wanted := piece.scoring:
                first = len(tokens) + wanted.first
                scored += range(first, first + len(wanted.targets))
            tokens += piece.tokens
            positions += range(piece.position, piece.position + size)
            sequences += [piece.sequence] * size
            if piece.sample:
                sampled.append(len(tokens) - 1)
        count = self.native.n_tokens = len(tokens)
        self._tokens[:count] = tokens
        self._positions[:count] = positions
        self._sequences[:count] = sequences
        self._wants_logits[:count] = 0
        self._wants_logits[sampled] = 1
        if not scored:
            return Outputs(sampled, list(range(len(sampled))), [], len(sampled))
        self._wants_logits[scored] = 1
        return self._outputs(count, sampled, scored)

    def _outputs(self, count: int, sampled: list[int], scored: list[int]) -> Outputs:
        rows = np.cumsum(self._wants_logits[:count], dtype=np.int64) - 1
        return Outputs(sampled, rows[sampled].tolist(), rows[scored].tolist(), int(rows[-1]) + 1)


def _pointer(array: "np.ndarray[Any, Any]", kind: type) -> Pointer:
    return ctypes.cast(array.ctypes.data, ctypes.POINTER(kind))
