"""A model's sizes for counting arithmetic (``policy.flops``), from its configuration alone."""

from typing import Final

from appliance.domain.shapes import ModelShapes
from appliance.engines.hf_folder.architecture import Architecture

_GATED: Final = frozenset({"llama", "mistral", "qwen2", "qwen3"})
"""Families whose blocks have a third matrix beside the two that widen and narrow."""

_ENCODER: Final = "bert"
_LEARNED_POSITIONS: Final = frozenset({"bert", "opt"})


def shapes_of(architecture: Architecture) -> ModelShapes:
    """Only matrices of the layers are counted: what OPT's narrow tables are widened with is left out."""
    one = architecture
    queries, keys = one.heads * one.head_size, one.kv_heads * one.head_size
    attention = 2 * one.width * (queries + keys)
    block = (3 if one.family in _GATED else 2) * one.width * one.inner_width
    return ModelShapes(
        matrix_weights=one.layers * (attention + block),
        layers=one.layers,
        heads=one.heads,
        key_size=one.head_size,
        value_size=one.head_size,
        width=one.width,
        vocabulary=one.vocabulary,
        window_tokens=one.window_tokens,
        kv_heads=one.kv_heads,
        other_weights=_other_weights(one),
        looks_ahead=one.family == _ENCODER,
    )


def _other_weights(one: Architecture) -> int:
    """Tables of tokens and positions, norms, and biases as far as nearly all models of a family have them."""
    tables = one.vocabulary * (1 if one.tied else 2)
    positions = one.context_tokens if one.family in _LEARNED_POSITIONS else 0
    norms, outer_norms = (2, 1) if one.family in _GATED else (4, 4)
    queries, keys = one.heads * one.head_size, one.kv_heads * one.head_size
    biases = 0 if one.family in _GATED else queries + 2 * keys + 2 * one.width + one.inner_width
    return (tables + positions + outer_norms) * one.width + one.layers * (norms * one.width + biases)
