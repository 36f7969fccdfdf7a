"""A model's sizes from the header of its GGUF file, for counting arithmetic (``policy.flops``)."""

import re
from collections.abc import Sequence
from math import ceil, prod
from pathlib import Path

from appliance.domain.shapes import ModelShapes
from appliance.engines.llama_cpp.gguf_header import GgufHeader, Value, read_header
from appliance.errors import IntegrityFailed


def read_shapes(model_path: str) -> ModelShapes:
    """Raises ``IntegrityFailed`` where the header is damaged or lacks a size."""
    first = Path(model_path)
    headers = [read_header(first), *(read_header(first.with_name(name)) for name in other_parts(first.name))]
    return shapes_of(headers)


def other_parts(first: str) -> list[str]:
    """The files that a split model goes on in; llama.cpp finds them by the same pattern."""
    split = re.fullmatch(r"(.+)-00001-of-(\d{5})\.gguf", first)
    if split is None:
        return []
    name, parts = split[1], int(split[2])
    return [f"{name}-{part:05}-of-{parts:05}.gguf" for part in range(2, parts + 1)]


def shapes_of(headers: Sequence[GgufHeader]) -> ModelShapes:
    """Of all files of a model, the first one first. Raises ``IntegrityFailed`` where a size is missing."""
    tensors = {name: one.dimensions for header in headers for name, one in header.tensors.items()}
    return _Sizes(headers[0], tensors).shapes()


class _Sizes:
    """Sizes of one model: of its first file's values, and of the tensors of all its files."""

    def __init__(self, header: GgufHeader, tensors: dict[str, tuple[int, ...]]) -> None:
        self._values = header.values
        self._tensors = tensors
        self._architecture = header.values.get("general.architecture")

    def shapes(self) -> ModelShapes:
        width, heads = self._number("embedding_length"), self._number("attention.head_count")
        if not heads:
            raise IntegrityFailed("The header of the model's file names no attention heads.")
        return ModelShapes(
            matrix_weights=self._matrix_weights(),
            layers=self._number("block_count"),
            heads=heads,
            key_size=self._number("attention.key_length", width // heads),
            value_size=self._number("attention.value_length", width // heads),
            width=width,
            vocabulary=self._vocabulary(),
            window_tokens=self._windows(),
            kv_heads=self._number("attention.head_count_kv", heads),
            looks_ahead=self._value("attention.causal") is False,
        )

    def _matrix_weights(self) -> int:
        """Weights of matrices in the blocks; of the experts (3 dimensions), the share that one token uses."""
        blocks = [dimensions for name, dimensions in self._tensors.items() if name.startswith("blk.")]
        dense = sum(prod(dimensions) for dimensions in blocks if len(dimensions) == 2)
        experts = sum(prod(dimensions) for dimensions in blocks if len(dimensions) > 2)
        total = self._number("expert_count", 0)
        return dense + (ceil(experts * self._number("expert_used_count") / total) if total else experts)

    def _vocabulary(self) -> int:
        """Rows of the embedding: what is computed for each token, padding included."""
        embedding = self._tensors.get("token_embd.weight", ())
        if len(embedding) != 2:
            raise IntegrityFailed("The model's file has no token embedding.")
        return embedding[1]

    def _windows(self) -> tuple[int, ...]:
        """One entry a layer where the header says which layers have a window.

        A window without a pattern is left out: llama.cpp then computes full attention for most
        architectures, and for the others full attention is the upper bound.
        """
        window = self._number("attention.sliding_window", 0)
        pattern = self._value("attention.sliding_window_pattern")
        if not window or not isinstance(pattern, list):
            return ()
        return tuple(window if windowed else 0 for windowed in pattern)

    def _number(self, key: str, default: int | None = None) -> int:
        """A size; the mean, rounded up, where there is one value a layer."""
        value = self._value(key)
        if isinstance(value, list) and value:
            return ceil(sum(value) / len(value))
        if isinstance(value, int):
            return value
        if default is None:
            raise IntegrityFailed(f"The header of the model's file has no {key}.")
        return default

    def _value(self, key: str) -> Value | None:
        return self._values.get(f"{self._architecture}.{key}")
